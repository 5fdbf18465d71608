package packet

import (
	"slices"

	"frontdesk/bot/convo"
)

// mostFiles is how many files a packet lists, the latest: as many as one side of
// a conversation may send.
const mostFiles = 20

// Sent is a file that the customer sent.
type Sent struct {
	File   string `json:"file"` // its id: the desk reads it under the case
	Name   string `json:"name"`
	Type   string `json:"type"` // by its content
	Size   int64  `json:"size"` // bytes
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	From   []Ref  `json:"from"` // the message it came with
}

// sentFiles lists what the customer sent along, each file once, with the message
// it first came with.
func sentFiles(t *transcript) []Sent {
	var out []Sent
	for _, s := range t.messages {
		if s.Author != convo.Customer {
			continue
		}
		for _, f := range s.Files {
			id := f.ID.String()
			if slices.ContainsFunc(out, func(o Sent) bool { return o.File == id }) {
				continue
			}
			out = append(out, Sent{File: id, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, From: []Ref{s.whole()}})
		}
	}
	return out[max(0, len(out)-mostFiles):]
}

// sent says whether the first source is a message of the customer's that the file
// came with, as it is told.
func (s *sources) sent(f Sent) bool {
	m := s.messages[f.From[0].ID]
	return f.From[0].Kind == RefMessage && m.Author == convo.Customer && slices.ContainsFunc(m.Files, func(c convo.File) bool {
		return c.ID.String() == f.File && c.Name == f.Name && c.Type == f.Type && c.Size == f.Size && c.Width == f.Width && c.Height == f.Height
	})
}
