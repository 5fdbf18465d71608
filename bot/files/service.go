package files

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

const (
	// MaxPiece is how many bytes come in one request at most.
	MaxPiece = 512 << 10
	// MaxFile is how many bytes a file has at most, as sent and as kept.
	MaxFile = 10 << 20
	// MaxOfMessage is how many files go with one message.
	MaxOfMessage = 5
	// Loose is how long a file is kept that no message went with.
	Loose = 24 * time.Hour
)

// store keeps uploads and files; pgconvo.Store is the one implementation. Every
// error it returns carries a fault kind.
type store interface {
	// BeginUpload finds an upload by its sender's name for it, or begins it.
	// Errors: bot's no_such_conversation, ErrBlocked, ErrFull, ErrToday, ErrChanged.
	BeginUpload(ctx context.Context, o Opening) (Coming, error)
	// AddPiece appends where from is how much is there, else it changes nothing;
	// it returns how much is there then. Error: ErrNoFile.
	AddPiece(ctx context.Context, key convo.Key, id convo.ID, from int64, b []byte) (received int64, err error)
	// FilePiece reads the n-th piece of a part; nil behind the last one.
	FilePiece(ctx context.Context, key convo.Key, id convo.ID, part, n int) ([]byte, error)
	// SameFile finds a kept file of the same side with this hash; the upload is
	// then gone.
	SameFile(ctx context.Context, key convo.Key, id convo.ID, by Side, hash []byte) (f convo.File, there bool, err error)
	// KeepFile puts what is kept in place of what came in. Error: ErrNoFile.
	KeepFile(ctx context.Context, key convo.Key, id convo.ID, by Side, k Kept) (convo.File, error)
	// DropFile removes an upload that was refused.
	DropFile(ctx context.Context, key convo.Key, id convo.ID) error
	// File finds a file that a side may read: its own, and what the other one
	// has sent with a message. Error: ErrNoFile.
	File(ctx context.Context, key convo.Key, id convo.ID, reader Side) (Stored, error)
}

// Deps are what a Service works with.
type Deps struct {
	Store store
	Log   *slog.Logger
	Now   func() time.Time
	NewID func() convo.ID
}

// Config bounds files. Zero takes the default.
type Config struct {
	Files    int   // of one side of a conversation; 0: 20
	Bytes    int64 // together; 0: 50 MB
	DayFiles int   // of a visitor in a day; 0: 40
	DayBytes int64 // together; 0: 100 MB
	// Checks is how many files are checked at a time, each of them in memory
	// once; 0: 8.
	Checks int64
	// Memory is how many bytes decoding may take in this process, beside them;
	// 0: 256 MiB: a photo of 50 megapixels has room, by itself.
	Memory int64
	// CheckTime is how long a file may wait for its check and take for it; 0: 30 s.
	CheckTime time.Duration
}

func (c Config) withDefaults() Config {
	c.Files = cmp.Or(c.Files, 20)
	c.Bytes = cmp.Or(c.Bytes, 50<<20)
	c.DayFiles = cmp.Or(c.DayFiles, 40)
	c.DayBytes = cmp.Or(c.DayBytes, 100<<20)
	c.Checks = cmp.Or(c.Checks, 8)
	c.Memory = cmp.Or(c.Memory, 256<<20)
	c.CheckTime = cmp.Or(c.CheckTime, 30*time.Second)
	return c
}

// Service takes files in and gives them out. It is safe for concurrent use.
type Service struct {
	Deps
	cfg    Config
	checks *semaphore.Weighted
	memory *semaphore.Weighted
}

// New makes a Service.
func New(d Deps, cfg Config) (*Service, error) {
	if d.Store == nil || d.Log == nil || d.Now == nil || d.NewID == nil {
		return nil, errors.New("files: every dependency is needed")
	}
	cfg = cfg.withDefaults()
	return &Service{Deps: d, cfg: cfg, checks: semaphore.NewWeighted(cfg.Checks), memory: semaphore.NewWeighted(cfg.Memory)}, nil
}

// Take takes a piece of a file; the last one has it checked and kept. A piece
// that was there already, or that is not the next one, changes nothing: the
// answer says where to go on.
//
// Errors: those of errors.go, and Unavailable without the database; the same
// piece may then be sent again. A file that is refused leaves nothing behind.
func (s *Service) Take(ctx context.Context, p Piece) (Taken, error) {
	p, err := checkedPiece(p, s.NewID)
	if err != nil {
		return Taken{}, err
	}
	if p.From == 0 { // refused before anything of it is kept, and before the rest is sent
		if _, err := Detect(p.Bytes); err != nil {
			return Taken{}, err
		}
	}
	now := s.Now()
	o := Opening{Piece: p, ID: s.NewID(), At: now.UTC(), Limits: Limits{
		Files: s.cfg.Files, Bytes: s.cfg.Bytes, DayFiles: s.cfg.DayFiles, DayBytes: s.cfg.DayBytes, Since: now.Add(-24 * time.Hour),
	}}
	c, err := s.Store.BeginUpload(ctx, o)
	switch {
	case err != nil:
		return Taken{}, err
	case c.File != nil:
		return c.taken(), nil
	case c.Total != p.Total:
		return Taken{}, ErrChanged
	case c.Received == p.From:
		if c.Received, err = s.Store.AddPiece(ctx, p.Key, c.ID, p.From, p.Bytes); err != nil {
			return Taken{}, err
		}
	}
	if c.Received < c.Total {
		return c.taken(), nil
	}
	taken, err := s.keep(ctx, p, c)
	if errors.Is(err, ErrNoFile) { // the same piece came twice, and the other request was quicker: what has it come to?
		if c, err = s.Store.BeginUpload(ctx, o); err == nil {
			taken = c.taken()
		}
	}
	return taken, err
}

// taken is what an upload has come to so far.
func (c Coming) taken() Taken {
	if c.File != nil {
		return Taken{Received: c.Total, File: c.File, Repeat: true}
	}
	return Taken{Received: c.Received}
}

// checkedPiece refuses a piece that fits nowhere.
func checkedPiece(p Piece, newID func() convo.ID) (Piece, error) {
	switch {
	case p.Total > MaxFile:
		return p, ErrTooLarge
	case len(p.Bytes) == 0:
		return p, ErrEmpty
	case len(p.Bytes) > MaxPiece:
		return p, ErrPiece
	case p.From < 0, p.From+int64(len(p.Bytes)) > p.Total:
		return p, ErrRange
	case p.Upload == "" && p.Total != int64(len(p.Bytes)):
		return p, ErrUpload
	case p.Upload == "":
		p.Upload = newID().String()
	case len(p.Upload) > 64:
		return p, ErrUpload
	}
	for i := range len(p.Upload) {
		if p.Upload[i] <= ' ' || p.Upload[i] > '~' {
			return p, ErrUpload
		}
	}
	return p, nil
}

// keep checks a file that is whole and keeps it, or leaves nothing of it.
func (s *Service) keep(ctx context.Context, p Piece, c Coming) (Taken, error) {
	// Carried through also when whoever sent it has left: they will ask again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.CheckTime)
	defer cancel()
	if s.checks.Acquire(ctx, 1) != nil {
		return Taken{}, ErrBusy
	}
	defer s.checks.Release(1)
	raw := p.Bytes
	if int64(len(raw)) != c.Total {
		var err error
		if raw, err = s.read(ctx, p.Key, c); err != nil {
			return Taken{}, err
		}
	}
	began := s.Now()
	hash := sha256.Sum256(raw)
	f, there, err := s.Store.SameFile(ctx, p.Key, c.ID, p.By, hash[:])
	if err != nil {
		return Taken{}, err
	}
	if there {
		return Taken{Received: c.Total, File: &f, Repeat: true}, nil
	}
	m, err := s.check(ctx, raw, p.Name)
	if err != nil {
		return Taken{}, s.refuse(ctx, p.Key, c.ID, err)
	}
	f, err = s.Store.KeepFile(ctx, p.Key, c.ID, p.By, Kept{
		Hash: hash[:], Name: CleanName(p.Name, m.mime), Type: m.mime, Width: m.width, Height: m.height,
		Bytes: m.bytes, SmallType: m.smallMime, Small: m.small, PieceSize: MaxPiece / 2,
	})
	if err != nil {
		return Taken{}, err
	}
	s.Log.Info("file kept", "conversation", p.Key.ID, "file", f.ID, "type", f.Type, "bytes_in", len(raw), "bytes", f.Size, "took_ms", s.Now().Sub(began).Milliseconds())
	return Taken{Received: c.Total, File: &f}, nil
}

// read puts an upload together.
func (s *Service) read(ctx context.Context, key convo.Key, c Coming) ([]byte, error) {
	raw := make([]byte, 0, c.Total)
	for n := 0; int64(len(raw)) < c.Total; n++ {
		b, err := s.Store.FilePiece(ctx, key, c.ID, PartRaw, n)
		if err != nil {
			return nil, err
		}
		if len(b) == 0 || int64(len(raw)+len(b)) > c.Total {
			return nil, ErrNoFile // it was dropped, or kept, meanwhile
		}
		raw = append(raw, b...)
	}
	return raw, nil
}

// check says what a whole file is and makes of it what is kept.
func (s *Service) check(ctx context.Context, raw []byte, name string) (made, error) {
	kind, err := Detect(raw)
	if err != nil {
		return made{}, err
	}
	switch kind {
	case Text:
		b, err := plainText(raw)
		switch {
		case err != nil:
			return made{}, err
		case len(b) > MaxFile:
			return made{}, ErrTooLarge
		}
		return made{mime: textType(name), bytes: b}, nil
	case PDF:
		return made{mime: TypePDF, bytes: raw}, document(raw)
	}
	m, err := measured(raw, kind)
	if err != nil {
		return made{}, err
	}
	if int64(m.memory) > s.cfg.Memory {
		return made{}, ErrPixels
	}
	if s.memory.Acquire(ctx, int64(m.memory)) != nil {
		return made{}, ErrBusy
	}
	defer s.memory.Release(int64(m.memory))
	out, err := remade(ctx, raw, kind, m, MaxFile)
	if ctx.Err() != nil { // of a picture that can be decoded at all, this has to do with us
		return made{}, ErrBusy
	}
	return out, err
}

// textType is what a text is served as: its name chooses between two that are
// harmless alike.
func textType(name string) string {
	const csv = ".csv"
	if n := len(name); n >= len(csv) && (name[n-4:] == csv || name[n-4:] == ".CSV") {
		return TypeCSV
	}
	return TypeText
}

// refuse removes what came in of a file that is not taken; one that could not be
// checked stays, to be asked for again.
func (s *Service) refuse(ctx context.Context, key convo.Key, id convo.ID, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind == fault.Unavailable {
		return err
	}
	s.Log.Info("file refused", "conversation", key.ID, "code", f.Code, "cause", err.Error())
	if gone := s.Store.DropFile(context.WithoutCancel(ctx), key, id); gone != nil {
		s.Log.Warn("a refused file was not removed; it goes after a day", "file", id, "cause", gone.Error())
	}
	return err
}
