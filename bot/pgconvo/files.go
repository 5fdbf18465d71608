package pgconvo

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
)

// fileURL is where a file's customer reads it: no token is ever in it.
func fileURL(key convo.Key, id convo.ID) string {
	return "/v1/conversations/" + key.ID.String() + "/files/" + id.String()
}

func scanFile(f *convo.File) []any {
	return []any{&f.ID, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height}
}

// BeginUpload finds an upload by its sender's name for it, or begins it: see
// files.store.
func (s *Store) BeginUpload(ctx context.Context, o files.Opening) (files.Coming, error) {
	c, found, err := s.upload(ctx, o)
	if err != nil || found {
		return c, wrap("find an upload", err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var visitor convo.ID
		err := tx.QueryRow(ctx, lockConversation, o.Key.Site, o.Key.ID).Scan(&visitor)
		if noRows(err) { // erased a moment ago
			return bot.ErrNoConversation
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, lockVisitor, o.Key.Site, visitor); err != nil {
			return err
		}
		if err := roomFor(ctx, tx, o, visitor); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertUpload, o.Key.Site, o.ID, o.Key.ID, bool(o.By), o.Upload, o.Total, o.At)
		return err
	})
	if err != nil {
		return c, wrap("begin an upload", err)
	}
	c, _, err = s.upload(ctx, o)
	return c, wrap("begin an upload", err)
}

func (s *Store) upload(ctx context.Context, o files.Opening) (c files.Coming, found bool, err error) {
	var blocked bool
	var id *convo.ID
	var state *string
	var total, received *int64
	var f struct {
		name, mime    *string
		size          *int64
		width, height *int
	}
	err = s.pool.QueryRow(ctx, selectUpload, o.Key.Site, o.Key.ID, o.Visitor, bool(o.By), o.Upload, o.At).
		Scan(&blocked, &id, &state, &total, &received, &f.name, &f.mime, &f.size, &f.width, &f.height)
	switch {
	case noRows(err):
		return c, false, bot.ErrNoConversation
	case err != nil:
		return c, false, err
	case blocked:
		return c, false, files.ErrBlocked
	case id == nil:
		return c, false, nil
	}
	c = files.Coming{ID: *id, Total: *total, Received: *received}
	if *state == "kept" {
		c.File = &convo.File{ID: *id, Name: *f.name, Type: *f.mime, Size: *f.size, Width: *f.width, Height: *f.height, URL: fileURL(o.Key, *id)}
	}
	return c, true, nil
}

// roomFor refuses what is too much, under the visitor's lock.
func roomFor(ctx context.Context, tx pgx.Tx, o files.Opening, visitor convo.ID) error {
	var n int
	var bytes int64
	if err := tx.QueryRow(ctx, countFiles, o.Key.Site, o.Key.ID, bool(o.By)).Scan(&n, &bytes); err != nil {
		return err
	}
	if n >= o.Limits.Files || bytes+o.Total > o.Limits.Bytes {
		return files.ErrFull
	}
	if o.By == files.ByAgent {
		return nil
	}
	if err := tx.QueryRow(ctx, countDay, o.Key.Site, visitor, o.Limits.Since).Scan(&n, &bytes); err != nil {
		return err
	}
	if n >= o.Limits.DayFiles || bytes+o.Total > o.Limits.DayBytes {
		return files.ErrToday
	}
	return nil
}

// AddPiece appends to an upload: see files.store.
func (s *Store) AddPiece(ctx context.Context, key convo.Key, id convo.ID, from int64, b []byte) (received int64, err error) {
	err = s.pool.QueryRow(ctx, addPiece, key.Site, id, key.ID, from, b).Scan(&received)
	if noRows(err) {
		err = s.pool.QueryRow(ctx, selectReceived, key.Site, id, key.ID).Scan(&received)
	}
	if noRows(err) {
		return 0, files.ErrNoFile
	}
	return received, wrap("keep a piece of a file", err)
}

// FilePiece reads a piece of a file; nil where there is none: see files.store.
func (s *Store) FilePiece(ctx context.Context, key convo.Key, id convo.ID, part, n int) (b []byte, err error) {
	err = s.pool.QueryRow(ctx, selectPiece, key.Site, id, key.ID, part, n).Scan(&b)
	if noRows(err) {
		return nil, nil
	}
	return b, wrap("read a piece of a file", err)
}

// SameFile finds the same bytes among what is kept: see files.store.
func (s *Store) SameFile(ctx context.Context, key convo.Key, id convo.ID, by files.Side, hash []byte) (f convo.File, there bool, err error) {
	err = s.pool.QueryRow(ctx, selectSame, key.Site, key.ID, bool(by), hash).Scan(scanFile(&f)...)
	if noRows(err) {
		return f, false, nil
	}
	if err != nil {
		return f, false, wrap("look for the same file", err)
	}
	f.URL = fileURL(key, f.ID)
	if f.ID != id {
		err = s.DropFile(ctx, key, id)
	}
	return f, true, err
}

// KeepFile puts what is kept in place of what came in: see files.store.
func (s *Store) KeepFile(ctx context.Context, key convo.Key, id convo.ID, by files.Side, k files.Kept) (f convo.File, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var state string
		err := tx.QueryRow(ctx, lockFile, key.Site, id, key.ID).Scan(append([]any{&state}, scanFile(&f)...)...)
		if noRows(err) {
			return files.ErrNoFile
		}
		if err != nil || state == "kept" { // another request was quicker with it
			return err
		}
		if _, err := tx.Exec(ctx, deletePieces, key.Site, id); err != nil {
			return err
		}
		for part, bytes := range map[int][]byte{files.PartFile: k.Bytes, files.PartSmall: k.Small} {
			if err := putPieces(ctx, tx, key, id, part, bytes, k.PieceSize); err != nil {
				return err
			}
		}
		f = convo.File{ID: id, Name: k.Name, Type: k.Type, Size: int64(len(k.Bytes)), Width: k.Width, Height: k.Height}
		_, err = tx.Exec(ctx, keepFile, key.Site, id, key.ID, k.Hash, k.Name, k.Type, len(k.Bytes), k.Width, k.Height, k.SmallType, len(k.Small))
		return err
	})
	if unique(err, "files_hash") { // the same bytes came twice at once
		same, _, err := s.SameFile(ctx, key, id, by, k.Hash)
		return same, err
	}
	f.URL = fileURL(key, f.ID)
	return f, wrap("keep a file", err)
}

// putPieces writes one piece after the other: all of them in one message would
// stand in memory once more.
func putPieces(ctx context.Context, tx pgx.Tx, key convo.Key, id convo.ID, part int, b []byte, size int) error {
	for n := 0; len(b) > 0; n++ {
		piece := b[:min(size, len(b))]
		if _, err := tx.Exec(ctx, insertPiece, key.Site, id, part, n, key.ID, piece); err != nil {
			return err
		}
		b = b[len(piece):]
	}
	return nil
}

// DropFile removes an upload that was refused: see files.store.
func (s *Store) DropFile(ctx context.Context, key convo.Key, id convo.ID) error {
	_, err := s.pool.Exec(ctx, dropUpload, key.Site, id, key.ID)
	return wrap("remove an upload", err)
}

// File finds a file that a side may read: see files.store.
func (s *Store) File(ctx context.Context, key convo.Key, id convo.ID, reader files.Side) (f files.Stored, err error) {
	err = s.pool.QueryRow(ctx, selectFile, key.Site, id, key.ID, bool(reader)).
		Scan(append(scanFile(&f.File), &f.Hash, &f.SmallType, &f.SmallSize)...)
	if noRows(err) {
		return f, files.ErrNoFile
	}
	f.URL = fileURL(key, id)
	return f, wrap("find a file", err)
}

// AttachFiles says, within the transaction that writes a message, that files go
// with it, and gives them in their order. Errors: files.ErrNoFile, files.ErrMany.
func (s *Store) AttachFiles(ctx context.Context, tx pgx.Tx, key convo.Key, agent bool, ids []convo.ID, at time.Time) ([]convo.File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > files.MaxOfMessage {
		return nil, files.ErrMany
	}
	rows, err := tx.Query(ctx, attachFiles, key.Site, key.ID, ids, agent, at)
	if err != nil {
		return nil, wrap("attach files", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f convo.File, err error) {
		err = row.Scan(scanFile(&f)...)
		f.URL = fileURL(key, f.ID)
		return f, err
	})
	if err != nil {
		return nil, wrap("attach files", err)
	}
	byID := map[convo.ID]convo.File{}
	for _, f := range found {
		byID[f.ID] = f
	}
	out := make([]convo.File, 0, len(ids))
	for _, id := range ids {
		f, there := byID[id]
		if !there { // also one that is named twice
			return nil, files.ErrNoFile
		}
		delete(byID, id)
		out = append(out, f)
	}
	return out, nil
}

// fileIDs are the files of a message, in their order.
func fileIDs(list []convo.File) []convo.ID {
	out := make([]convo.ID, len(list))
	for i, f := range list {
		out[i] = f.ID
	}
	return out
}
