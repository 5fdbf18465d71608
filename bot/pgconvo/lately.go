package pgconvo

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

const (
	// latelyFor is how long what was said stays in memory after the last word of
	// it, at most twice that: who answers a reply does so within minutes. A
	// visitor who is erased is gone from here then, too.
	latelyFor = 2 * time.Minute
	// latelyBytes bounds each of the two halves, by the bytes of the messages; in
	// memory they take about twice that. Some 150 conversations.
	latelyBytes = 1 << 20
	// pastMax and pastSpan are those of pastOf.
	pastMax, pastSpan = 12, 60
)

// lately keeps what was said last in conversations that go on here, so that a
// turn need not read it again: twelve messages a turn, which took the database
// and us as long as the rest of recording one. It is never believed by itself:
// the statement that records a message says the number of the last event before
// it, and what is kept counts only where it reaches exactly so far. Events are
// never changed once they are written.
type lately struct {
	mu         sync.Mutex
	young, old map[convo.Key]talk // turned over every latelyFor, or when young is full
	bytes      int                // of young
	turning    bool               // a timer is set
}

// talk is the end of one conversation's log.
type talk struct {
	seq   int64  // of its last event
	said  []said // newest first
	bytes int
}

type said struct {
	seq     int64
	message convo.Message
}

func newLately() *lately {
	return &lately{young: map[convo.Key]talk{}, old: map[convo.Key]talk{}}
}

// reaches is the number of the last event that is known of; 0: none.
func (l *lately) reaches(key convo.Key) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(key).seq
}

func (l *lately) of(key convo.Key) talk {
	if t, ok := l.young[key]; ok {
		return t
	}
	return l.old[key]
}

// before is what pastOf finds before event number seq, newest first; ok is false
// where what is kept does not reach exactly so far.
func (l *lately) before(key convo.Key, seq, settled int64) (out []convo.Message, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.of(key)
	if t.seq == 0 || t.seq != seq-1 {
		return nil, false
	}
	for _, s := range t.said {
		if s.seq >= seq-pastSpan && s.seq > settled {
			out = append(out, s.message)
		}
	}
	return out, true
}

// begin keeps what was read, newest first, and the message that was recorded
// behind it.
func (l *lately) begin(key convo.Key, before []said, rec bot.Recorded, bytes int) {
	l.mu.Lock()
	if l.of(key).seq < rec.Seq-1 {
		l.keep(key, talk{seq: rec.Seq - 1, said: before, bytes: bytes})
	}
	l.mu.Unlock()
	l.follow(key, rec.Seq-1, rec.Events)
}

// follow keeps what was written after event number first: messages are read as
// the log gives them back.
func (l *lately) follow(key convo.Key, first int64, events []convo.Event) {
	var list []said
	bytes := 0
	for _, e := range events {
		if e.Kind != convo.KindMessage {
			continue
		}
		var m convo.Message
		if json.Unmarshal(e.Body, &m) != nil {
			return // it is read from the log
		}
		list = append(list, said{e.Seq, m})
		bytes += len(e.Body)
	}
	slices.Reverse(list)
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.of(key); t.seq == first {
		l.add(key, t, first+int64(len(events)), list, bytes)
	}
}

// add puts the newest in front; the lock is held. Lists that were given out are
// never changed.
func (l *lately) add(key convo.Key, t talk, seq int64, list []said, bytes int) {
	list = append(list, t.said...)
	if len(list) > pastMax {
		bytes += t.bytes * pastMax / len(list) // about
		list = list[:pastMax:pastMax]
	} else {
		bytes += t.bytes
	}
	l.keep(key, talk{seq: seq, said: list, bytes: bytes})
}

// keep puts a conversation among the young ones; the lock is held.
func (l *lately) keep(key convo.Key, t talk) {
	l.bytes += t.bytes - l.young[key].bytes
	l.young[key] = t
	delete(l.old, key)
	if l.bytes > latelyBytes {
		l.turn()
	}
	if !l.turning {
		l.turning = true
		time.AfterFunc(latelyFor, l.turnOver)
	}
}

// turn makes the young ones the old ones, and forgets these; the lock is held.
func (l *lately) turn() {
	l.young, l.old, l.bytes = map[convo.Key]talk{}, l.young, 0
}

// turnOver does so when its time has come, until nothing is left.
func (l *lately) turnOver() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	if l.turning = len(l.old) > 0; l.turning {
		time.AfterFunc(latelyFor, l.turnOver)
	}
}
