package packet_test

import (
	"fmt"
	"testing"

	"frontdesk/bot/convo"
)

// usual is a conversation as most are that go to a person; long is one of 200
// messages, the most that are read.
func usual() []convo.Event {
	return said(
		"c: Hi, my Brisa S3 shows E07 since last Tuesday and only drips, order KW-5084419",
		"b: Remove the filter and flush. [s3-error-codes: too little flow from the pump]",
		"c: I already did that twice and changed the filter, still the same. I paid £429 for this!",
		"b: Soak the filter for ten minutes. [s3-filter: Soak it in water for ten minutes]",
		"c: no luck. Serial is S3-24-118820, bought in May, you can ring me on 07700 900118",
		"c: let me talk to a person please, my name is Ada Blunt, 12 Marl Terrace, Leeds LS2 9JT",
	)
}

func BenchmarkMake(b *testing.B) {
	m := newMaker(b)
	var long []convo.Event
	for len(long) < 200 {
		for _, e := range usual() {
			e.Seq = int64(len(long) + 1)
			long = append(long, e)
		}
	}
	for _, row := range []struct {
		name   string
		events []convo.Event
	}{{"usual", usual()}, {"long", long[:200]}} {
		b.Run(fmt.Sprintf("%s_%d_events", row.name, len(row.events)), func(b *testing.B) {
			in := input("en", row.events)
			b.ReportAllocs()
			for b.Loop() {
				m.Make(in)
			}
		})
	}
}
