package pgdesk

import (
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

func TestSetQueue_RefusesAKeyOfTheLadderThatNothingReads(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	q := handoff.Queue{Queue: "service", Name: "Service", Notify: json.RawMessage(`{"lead_s": 60, "bogus": 1}`)}
	err := s.desk.SetQueue(t.Context(), s.lea, q)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), `"bogus"`) {
		t.Errorf("got %v", err)
	}
	for _, good := range []string{`null`, `{}`, `{"update_s":1,"overflow_s":-1,"callback_s":2,"lead_s":3,"remind_s":4,"close_s":5,"leads":["lead@shop.example"],"no_rate":true}`} {
		q.Notify = json.RawMessage(good)
		if err := s.desk.SetQueue(t.Context(), s.lea, q); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	// What another version wrote is read for what this one knows of it.
	if n, err := ReadNotify(json.RawMessage(`{"lead_s": 60, "later_s": 1}`)); err != nil || n.LeadS != 60 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestDryRun_ComparesWithWhatTheRoutesSaid(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	moved := s.waiting(t, seen(handoff.Triage{Desk: "both"})) // sales
	if _, err := s.desk.Transfer(t.Context(), s.lea, handoff.Target{Case: moved.ID}, handoff.TransferTo{Queue: "quick"}); err != nil {
		t.Fatal(err)
	}
	unseen := s.waiting(t) // service, until triage has read it
	if _, done, err := s.desk.Retriage(t.Context(), unseen.Conversation, handoff.Triage{Desk: "support"}); err != nil || !done {
		t.Fatal(done, err)
	}
	if _, err := s.desk.Escalate(t.Context(), s.lea, handoff.Target{Case: unseen.ID}, "", ""); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{moved.Reference: "sales", unseen.Reference: "support"}
	runs, err := s.desk.DryRun(t.Context(), s.lea, nil, 100)
	if err != nil || len(runs) != 2 {
		t.Fatalf("%+v, %v", runs, err)
	}
	for _, r := range runs {
		if r.Was != want[r.Reference] || r.Would != r.Was {
			t.Errorf("the table has not changed, and yet: %+v", r)
		}
	}
}
