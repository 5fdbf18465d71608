package pgconvo

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"frontdesk/bot/convo"
)

// A payload is words separated by spaces: the sender's number, then for each
// hint site:conversation:seq, or site:conversation:author for typing. Ids and
// numbers only.

type hint struct {
	key    convo.Key
	seq    int64
	typing convo.Author
}

var errHint = errors.New("not a payload of ours")

func encodeHints(from int32, seqs map[convo.Key]int64, typing map[convo.Key]convo.Author) []string {
	var out []string
	head := strconv.Itoa(int(from))
	b := []byte(head)
	add := func(key convo.Key, last string) {
		if len(b)+len(last)+48 > payloadMax {
			out = append(out, string(b))
			b = []byte(head)
		}
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(key.Site), 10)
		b = append(b, ':')
		b = hex.AppendEncode(b, key.ID[:])
		b = append(b, ':')
		b = append(b, last...)
	}
	for key, seq := range seqs {
		add(key, strconv.FormatInt(seq, 10))
	}
	for key, author := range typing {
		add(key, string(author))
	}
	if len(b) > len(head) {
		out = append(out, string(b))
	}
	return out
}

func decodeHints(payload string) (from int32, hints []hint, err error) {
	words := strings.Fields(payload)
	if len(words) == 0 {
		return 0, nil, errHint
	}
	n, err := strconv.ParseInt(words[0], 10, 32)
	if err != nil {
		return 0, nil, errHint
	}
	for _, w := range words[1:] {
		h, ok := decodeHint(w)
		if !ok {
			return 0, nil, errHint
		}
		hints = append(hints, h)
	}
	return int32(n), hints, nil
}

func decodeHint(w string) (h hint, ok bool) {
	parts := strings.Split(w, ":")
	if len(parts) != 3 {
		return h, false
	}
	site, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil || len(parts[1]) != 32 {
		return h, false
	}
	h.key.Site = int32(site)
	if _, err := hex.Decode(h.key.ID[:], []byte(parts[1])); err != nil {
		return h, false
	}
	if h.seq, err = strconv.ParseInt(parts[2], 10, 64); err == nil {
		return h, h.seq > 0
	}
	h.typing = convo.Author(parts[2])
	return h, h.typing == convo.Customer || h.typing == convo.Agent
}

func sortWatched(all []watched) {
	slices.SortFunc(all, func(a, b watched) int {
		return cmp.Or(cmp.Compare(a.key.Site, b.key.Site), bytes.Compare(a.key.ID[:], b.key.ID[:]))
	})
}
