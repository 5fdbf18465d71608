package pgconvo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// topicEvery bounds notifications of the other topics to sixty-odd a second
// for each process. It is shorter than flushEvery: people watch those lists,
// and there are fewer of them.
const topicEvery = 15 * time.Millisecond

// topics are what other slices carry over the same connection: each a channel
// of its own with short payloads (ids only), of which equal ones are sent once.
type topics struct {
	mu   sync.Mutex
	told map[string]func(payload string)
	out  map[string]map[string]struct{}
	wake chan struct{}
}

func newTopics() topics {
	return topics{told: map[string]func(string){}, out: map[string]map[string]struct{}{}, wake: make(chan struct{}, 1)}
}

// Topic has f told of every payload that other instances tell on a channel, and
// of the empty one when some may have been missed. f must not block. Call it
// before Run. The channel's name is a constant of the caller's: letters and '_'.
func (b *Bus) Topic(ctx context.Context, channel string, f func(payload string)) error {
	if strings.Trim(channel, "abcdefghijklmnopqrstuvwxyz_") != "" || channel == "" || channel == "frontdesk_events" {
		return fmt.Errorf("listen: %q cannot be a topic", channel)
	}
	b.topics.mu.Lock()
	b.topics.told[channel] = f
	b.topics.mu.Unlock()
	if b.conn == nil {
		return nil // connecting anew listens to it
	}
	_, err := b.conn.Exec(ctx, "LISTEN "+channel)
	return wrap("listen", err)
}

// Tell tells other instances, soon; it never blocks. What cannot be sent is
// forgotten: whoever listens reads its tables every second besides.
func (b *Bus) Tell(channel, payload string) {
	b.topics.mu.Lock()
	if b.topics.out[channel] == nil {
		b.topics.out[channel] = map[string]struct{}{}
	}
	b.topics.out[channel][payload] = struct{}{}
	b.topics.mu.Unlock()
	select {
	case b.topics.wake <- struct{}{}:
	default:
	}
}

// listenTopics asks for every topic on a new connection.
func (b *Bus) listenTopics(ctx context.Context, conn *pgx.Conn) error {
	b.topics.mu.Lock()
	defer b.topics.mu.Unlock()
	for channel := range b.topics.told {
		if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
			return err
		}
	}
	return nil
}

// missed has every topic looked at: the connection was away.
func (b *Bus) missed() {
	b.topics.mu.Lock()
	defer b.topics.mu.Unlock()
	for _, f := range b.topics.told {
		f("")
	}
}

// hear passes a notification of a topic on; ok is false for another channel.
func (b *Bus) hear(channel, payload string) (ok bool) {
	b.topics.mu.Lock()
	f, ok := b.topics.told[channel]
	b.topics.mu.Unlock()
	if !ok {
		return false
	}
	from, payload, _ := strings.Cut(payload, " ")
	if from != fmt.Sprint(b.instance) {
		f(payload)
	}
	return true
}

// sendTopics flushes what was told, at most every topicEvery.
func (b *Bus) sendTopics(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.topics.wake:
		}
		b.topics.mu.Lock()
		out := b.topics.out
		b.topics.out = map[string]map[string]struct{}{}
		b.topics.mu.Unlock()
		var channels, payloads []string
		for channel, set := range out {
			for payload := range set {
				channels = append(channels, channel)
				payloads = append(payloads, fmt.Sprint(b.instance, " ", payload))
			}
		}
		if err := b.notifyTopics(ctx, channels, payloads); err != nil && ctx.Err() == nil {
			b.log.Debug("a notification was not sent", "cause", err.Error())
		}
		if !sleep(ctx, topicEvery) {
			return
		}
	}
}

func (b *Bus) notifyTopics(ctx context.Context, channels, payloads []string) error {
	if slices.ContainsFunc(payloads, func(p string) bool { return len(p) > payloadMax }) {
		return fmt.Errorf("a payload is too long")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := b.pool.Exec(ctx, `SELECT pg_notify(c, p) FROM `+hinting+`, unnest($1::text[], $2::text[]) AS t (c, p)`, channels, payloads)
	return err
}
