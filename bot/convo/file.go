package convo

// File is a file that goes with a message. Its bytes are kept elsewhere, and
// are what the service made of what was sent: see package files.
type File struct {
	ID   ID     `json:"id"`
	Name string `json:"name"` // cleaned: fit to be shown and saved under
	Type string `json:"type"` // what it is by its content, one of a short list
	Size int64  `json:"size"` // bytes
	// Of a picture, in pixels as it is shown; 0 for everything else.
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	URL    string `json:"url"` // where its customer reads it; the desk has addresses of its own
}
