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
// hint site:conversation:seq, or site:conversation:author for typing, or
// site:conversation:author@seq for what was read. Ids and numbers only.

type hint struct {
	key    convo.Key
	seq    int64
	typing convo.Author
	read   convo.Read
}

// news is what waits to be told to other instances.
type news struct {
	seqs   map[convo.Key]int64
	typing map[convo.Key]convo.Author
	read   map[readKey]int64
}

type readKey struct {
	key convo.Key
	by  convo.Author
}

func newNews() news {
	return news{seqs: map[convo.Key]int64{}, typing: map[convo.Key]convo.Author{}, read: map[readKey]int64{}}
}

var errHint = errors.New("not a payload of ours")

func encodeHints(from int32, n news) []string {
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
	for key, seq := range n.seqs {
		add(key, strconv.FormatInt(seq, 10))
	}
	for key, author := range n.typing {
		add(key, string(author))
	}
	for k, seq := range n.read {
		add(k.key, string(k.by)+"@"+strconv.FormatInt(seq, 10))
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
	author, up, isRead := strings.Cut(parts[2], "@")
	by := convo.Author(author)
	if by != convo.Customer && by != convo.Agent {
		return h, false
	}
	if !isRead {
		h.typing = by
		return h, true
	}
	h.read.By = by
	h.read.Up, err = strconv.ParseInt(up, 10, 64)
	return h, err == nil && h.read.Up > 0
}

func sortWatched(all []watched) {
	slices.SortFunc(all, func(a, b watched) int {
		return cmp.Or(cmp.Compare(a.key.Site, b.key.Site), bytes.Compare(a.key.ID[:], b.key.ID[:]))
	})
}
