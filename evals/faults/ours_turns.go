package faults

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/triage"
)

// swapped is the other of the two desks.
func swapped(desk string) string {
	switch desk {
	case "service":
		return "support"
	case "support":
		return "service"
	}
	return desk
}

func desksSwapped(_ triage.Reading, d triage.Decision) triage.Decision {
	d.Desk = triage.Desk(swapped(string(d.Desk)))
	d.DeskP.Service, d.DeskP.Support = d.DeskP.Support, d.DeskP.Service
	return d
}

func withoutTopic(_ triage.Reading, d triage.Decision) triage.Decision {
	d.Topic, d.TopicP = "", 0
	return d
}

// asRead changes readings.
func asRead(change func(triage.Message, triage.Reading) triage.Reading) func(stages.Decider) stages.Decider {
	return func(next stages.Decider) stages.Decider { return stages.Around{Decider: next, AsRead: change} }
}

func wishIgnored(next stages.Decider) stages.Decider {
	return stages.Around{
		Decider: next,
		AsRead: func(_ triage.Message, r triage.Reading) triage.Reading {
			r.Wish = triage.Wish{}
			return r
		},
		Decided: func(_ triage.Reading, d triage.Decision) triage.Decision {
			d.WantsHumanP = 0
			return d
		},
	}
}

func mustGoIgnored(next stages.Decider) stages.Decider {
	return stages.Around{
		Decider: next,
		AsRead: func(_ triage.Message, r triage.Reading) triage.Reading {
			r.Rules = nil
			return r
		},
		Decided: func(_ triage.Reading, d triage.Decision) triage.Decision {
			d.Rule, d.RuleP = "", 0
			return d
		},
	}
}

func shortIsGreeting(_ triage.Message, r triage.Reading) triage.Reading {
	const short = 10
	if r.Small == triage.NoSmall && len(r.Rules) == 0 && !r.Wish.Outright && len(strings.Fields(r.Text)) <= short {
		r.Small = triage.Greeting
	}
	return r
}

func queuesSwapped() stages.Seams {
	swap := func(t handoff.Triage) handoff.Triage {
		t.Desk = swapped(t.Desk)
		return t
	}
	return stages.Seams{Desk: func(next stages.Desk) stages.Desk {
		return stages.AroundDesk{Desk: next, Routing: swap, Opening: func(r handoff.Request) handoff.Request {
			if r.Triage != nil {
				t := swap(*r.Triage)
				r.Triage = &t
			}
			return r
		}}
	}}
}

func untold(next stages.Desk) stages.Desk {
	return stages.AroundDesk{
		Desk: next, Routing: func(handoff.Triage) handoff.Triage { return handoff.Triage{} },
		Opening: func(r handoff.Request) handoff.Request {
			r.Triage, r.Second = nil, nil
			return r
		},
	}
}

// ending changes how turns end.
func ending(change func(bot.End) bot.End) func(stages.Store) stages.Store {
	return func(next stages.Store) stages.Store { return stages.AroundStore{Store: next, Ending: change} }
}

// eachMessage changes a copy of each message that ends a turn.
func eachMessage(e bot.End, change func(*convo.Message)) bot.End {
	e.Events = slices.Clone(e.Events)
	for i := range e.Events {
		if m, ok := e.Events[i].Body.(convo.Message); ok {
			change(&m)
			e.Events[i].Body = m
		}
	}
	return e
}

func choicesReversed(e bot.End) bot.End {
	return eachMessage(e, func(m *convo.Message) {
		m.Choices = slices.Clone(m.Choices)
		slices.Reverse(m.Choices)
	})
}

func withoutCitations(e bot.End) bot.End {
	return eachMessage(e, func(m *convo.Message) { m.Citations = nil })
}

func ownDataAlways(_ triage.Reading, d triage.Decision) triage.Decision {
	d.OwnDataP = 1
	return d
}

func withoutPast(r bot.Recorded) bot.Recorded {
	r.Past = nil
	return r
}

// speaksAnyway runs turns that are a person's, and says what comes of them
// without writing it down.
func speaksAnyway(next stages.Store) stages.Store {
	return unfenced{next, map[convo.ID]bool{}}
}

type unfenced struct {
	stages.Store
	theirs map[convo.ID]bool // turns
}

func (u unfenced) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	out, err := u.Store.Record(ctx, r)
	if err == nil && !out.Open && !out.Repeat {
		out.Open, out.Input = true, r.Message.Text
		u.theirs[out.Turn] = true
	}
	return out, err
}

func (u unfenced) Finish(ctx context.Context, e bot.End) ([]convo.Event, error) {
	if !u.theirs[e.Turn] {
		return u.Store.Finish(ctx, e)
	}
	var out []convo.Event
	for _, d := range e.Events {
		body, err := json.Marshal(d.Body)
		if err != nil {
			return nil, err
		}
		out = append(out, convo.Event{Kind: d.Kind, Turn: d.Turn, At: e.At, Body: body})
	}
	return out, nil
}

// made changes packets.
func made(change func(packet.Packet) packet.Packet) func(stages.Packer) stages.Packer {
	return func(next stages.Packer) stages.Packer {
		return stages.PackerFunc(func(in packet.Input) packet.Packet { return change(next.Make(in)) })
	}
}

func withoutOrders(p packet.Packet) packet.Packet {
	p.Facts = slices.DeleteFunc(slices.Clone(p.Facts), func(f packet.Fact) bool { return f.Label == packet.OrderNumber })
	return p
}

func inventsOrder(p packet.Packet) packet.Packet {
	p.Facts = append(slices.Clone(p.Facts), packet.Fact{Label: packet.OrderNumber, Value: "KW-000001"})
	return p
}

func lastMessageOnly(in packet.Input) packet.Input {
	for i, e := range slices.Backward(in.Events) {
		var m convo.Message
		if e.Kind == convo.KindMessage && json.Unmarshal(e.Body, &m) == nil && m.Author == convo.Customer {
			in.Events = slices.Clone(in.Events[i:])
			return in
		}
	}
	return in
}

func wordless(next stages.Decider) stages.Decider {
	return stages.Around{Decider: next, First: func(string) string { return "" }}
}

// maskingOff keeps what a client sent, and records that.
func maskingOff() stages.Seams {
	typed := map[convo.Key]string{}
	return stages.Seams{
		Say: func(s bot.Say) bot.Say {
			typed[s.Key] = s.Text
			return s
		},
		Store: recording(func(r bot.Record) bot.Record {
			if s, ok := typed[r.Key]; ok {
				r.Message.Text = s
			}
			return r
		}),
	}
}
