package pgconvo

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
)

const (
	channel = "frontdesk_events"
	// lockClass is the first half of the advisory locks that say an instance
	// is alive; the second is its number.
	lockClass = uint32(0x0f0d)
	// flushEvery bounds notifications to twenty a second for each process: a
	// commit that notifies takes a lock on the whole database.
	flushEvery = 50 * time.Millisecond
	// payloadMax stays below Postgres's 8,000 bytes.
	payloadMax = 7500
	pollEvery  = time.Second
	// pollMax is how many watched conversations one poll looks at: 2,000
	// lookups by primary key cost some milliseconds; with more streams each is
	// looked at every few seconds instead.
	pollMax = 2000
)

// sink is who is told what other instances did: the hub.
type sink interface {
	Hint(key convo.Key, seq int64)
	PassTyping(key convo.Key, author convo.Author)
	PassRead(key convo.Key, r convo.Read)
	Watched() map[convo.Key]int64
}

// Bus carries hints between instances over LISTEN and NOTIFY, and says by an
// advisory lock on its listening connection that this instance is alive.
type Bus struct {
	pool     *pgxpool.Pool
	log      *slog.Logger
	instance int32
	conn     *pgx.Conn // of Start until Run takes it

	mu   sync.Mutex
	news news
	wake chan struct{}

	topics topics // of other slices

	listening atomic.Bool
	place     int // where the next poll goes on
}

// StartBus registers this process as an instance and begins to listen. Run it,
// and Close it at the end.
func StartBus(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) (*Bus, error) {
	b := &Bus{pool: pool, log: log, news: newNews(), wake: make(chan struct{}, 1), topics: newTopics()}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	err = pool.QueryRow(ctx, `INSERT INTO instances (host, pid) VALUES ($1, $2) RETURNING instance_id`, host, os.Getpid()).Scan(&b.instance)
	if err != nil {
		return nil, wrap("register an instance", err)
	}
	if b.conn, err = b.connect(ctx); err != nil {
		return nil, wrap("listen", err)
	}
	return b, nil
}

// Instance is this process's number.
func (b *Bus) Instance() int32 { return b.instance }

// Listening says whether hints of other instances arrive at once; where not,
// they are found by polling.
func (b *Bus) Listening() bool { return b.listening.Load() }

// Announce tells other instances, soon; it never blocks.
func (b *Bus) Announce(key convo.Key, seq int64) {
	b.mu.Lock()
	b.news.seqs[key] = max(b.news.seqs[key], seq)
	b.mu.Unlock()
	b.signal()
}

// AnnounceTyping tells other instances that somebody is typing.
func (b *Bus) AnnounceTyping(key convo.Key, author convo.Author) {
	b.mu.Lock()
	b.news.typing[key] = author
	b.mu.Unlock()
	b.signal()
}

// AnnounceRead tells other instances how far somebody has read.
func (b *Bus) AnnounceRead(key convo.Key, r convo.Read) {
	k := readKey{key, r.By}
	b.mu.Lock()
	b.news.read[k] = max(b.news.read[k], r.Up)
	b.mu.Unlock()
	b.signal()
}

func (b *Bus) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run carries hints until ctx ends.
func (b *Bus) Run(ctx context.Context, to sink) {
	var wg sync.WaitGroup
	wg.Go(func() { b.send(ctx) })
	wg.Go(func() { b.sendTopics(ctx) })
	wg.Go(func() { b.poll(ctx, to) })
	wg.Go(func() { b.listen(ctx, to) })
	wg.Wait()
}

// connect makes the listening connection: its own, since a pool would hand it
// to somebody else, and without a time limit on being idle.
func (b *Bus) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cfg := b.pool.Config().ConnConfig.Copy()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if _, err = conn.Exec(ctx, "LISTEN "+channel); err == nil {
		err = b.listenTopics(ctx, conn)
	}
	if err == nil {
		err = b.takeLock(ctx, conn)
	}
	if err != nil {
		closeConn(conn)
		return nil, err
	}
	return conn, nil
}

// takeLock may find the lock held by this instance's last connection, which
// the server has not noticed the end of: then we are taken for alive, rightly,
// and the lock is asked for again later.
func (b *Bus) takeLock(ctx context.Context, conn *pgx.Conn) error {
	var held bool
	return conn.QueryRow(ctx, `
SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND classid = $1 AND objid::bigint = $2 AND objsubid = 2)
    OR pg_try_advisory_lock($1::bigint::int, $2::int)`, lockClass, b.instance).Scan(&held)
}

func (b *Bus) listen(ctx context.Context, to sink) {
	conn := b.conn
	backoff := 50 * time.Millisecond
	for ctx.Err() == nil {
		if conn == nil {
			var err error
			if conn, err = b.connect(ctx); err != nil {
				if !sleep(ctx, backoff) {
					return
				}
				backoff = min(2*backoff, 2*time.Second)
				continue
			}
			// What was notified while we were away is lost: have everybody look.
			b.check(ctx, to, b.watchedAll(to))
			b.missed()
			b.log.Info("listening again", "instance", b.instance)
		}
		backoff = 50 * time.Millisecond
		b.listening.Store(true)
		err := b.receive(ctx, conn, to)
		b.listening.Store(false)
		closeConn(conn)
		conn = nil
		if ctx.Err() == nil {
			b.log.Warn("lost the listening connection", "instance", b.instance, "cause", err.Error())
		}
	}
	if conn != nil {
		closeConn(conn)
	}
}

// receive reads notifications until the connection fails. Every few seconds
// it asks for something, so that a connection that died silently is noticed.
func (b *Bus) receive(ctx context.Context, conn *pgx.Conn, to sink) error {
	for {
		wctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		n, err := conn.WaitForNotification(wctx)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			if !b.hear(n.Channel, n.Payload) {
				b.deliver(n.Payload, to)
			}
		case errors.Is(err, context.DeadlineExceeded):
			pctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			err := b.takeLock(pctx, conn)
			cancel()
			if err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func (b *Bus) deliver(payload string, to sink) {
	from, hints, err := decodeHints(payload)
	if err != nil {
		b.log.Warn("a notification could not be read", "bytes", len(payload))
		return
	}
	if from == b.instance {
		return
	}
	for _, h := range hints {
		switch {
		case h.typing != "":
			to.PassTyping(h.key, h.typing)
		case h.read.By != "":
			to.PassRead(h.key, h.read)
		default:
			to.Hint(h.key, h.seq)
		}
	}
}

// send flushes what was announced, at most every flushEvery. What cannot be
// sent is forgotten: others find it by polling.
func (b *Bus) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		b.mu.Lock()
		n := b.news
		b.news = newNews()
		b.mu.Unlock()
		payloads := encodeHints(b.instance, n)
		if err := b.notify(ctx, payloads); err != nil && ctx.Err() == nil {
			b.log.Debug("a notification was not sent", "cause", err.Error())
		}
		if !sleep(ctx, flushEvery) {
			return
		}
	}
}

func (b *Bus) notify(ctx context.Context, payloads []string) error {
	if len(payloads) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := b.pool.Exec(ctx, `SELECT pg_notify($1, p) FROM `+hinting+`, unnest($2::text[]) AS p`, channel, payloads)
	return err
}

// hinting lets the commit of a hint go without waiting for the disk: one that a
// crash loses is made up for by the next look.
const hinting = `(SELECT set_config('synchronous_commit', 'off', true)) AS hinting`

// poll looks every second whether watched conversations went on without a
// hint: the tables are the truth.
func (b *Bus) poll(ctx context.Context, to sink) {
	for sleep(ctx, pollEvery) {
		all := b.watchedAll(to)
		if len(all) > pollMax {
			b.place = (b.place + pollMax) % len(all)
			all = slices.Concat(all[b.place:], all[:b.place])[:pollMax]
		}
		b.check(ctx, to, all)
	}
}

type watched struct {
	key convo.Key
	seq int64
}

// watchedAll lists them in an order that stays the same, so that polls of a
// part each go round.
func (b *Bus) watchedAll(to sink) []watched {
	m := to.Watched()
	all := make([]watched, 0, len(m))
	for key, seq := range m {
		all = append(all, watched{key, seq})
	}
	sortWatched(all)
	return all
}

func (b *Bus) check(ctx context.Context, to sink, all []watched) {
	if len(all) == 0 {
		return
	}
	sites, ids, seqs := make([]int32, len(all)), make([][16]byte, len(all)), make([]int64, len(all))
	for i, w := range all {
		sites[i], ids[i], seqs[i] = w.key.Site, w.key.ID, w.seq
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	rows, err := b.pool.Query(ctx, `
SELECT c.site_id, c.conversation_id, c.last_seq
FROM unnest($1::int[], $2::uuid[], $3::bigint[]) AS w (site_id, conversation_id, seq)
JOIN conversations c USING (site_id, conversation_id)
WHERE c.last_seq > w.seq`, sites, ids, seqs)
	if err != nil {
		return // away: the next poll asks again
	}
	defer rows.Close()
	for rows.Next() {
		var w watched
		if rows.Scan(&w.key.Site, &w.key.ID, &w.seq) == nil {
			to.Hint(w.key, w.seq)
		}
	}
	if rows.Err() != nil {
		b.log.Debug("poll cut short", "cause", rows.Err().Error())
	}
}

// Close removes the instance's row; its turns have to be over. Call it after
// Run has returned.
func (b *Bus) Close(ctx context.Context) error {
	if b.conn != nil {
		closeConn(b.conn) // where Run never took it
	}
	_, err := b.pool.Exec(ctx, `
DELETE FROM instances i WHERE instance_id = $1
AND NOT EXISTS (SELECT 1 FROM open_turns o WHERE o.instance_id = i.instance_id)`, b.instance)
	return wrap("leave the list of instances", err)
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
