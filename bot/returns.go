package bot

import "context"

// byReturn goes on with a case that was closed because its customer said nothing,
// where they answer after all: that is what people waited for, and nothing that
// the assistant could say to it. It never fails a turn.
func (t *Turn) byReturn(ctx context.Context) (plan Plan, ok bool) {
	if t.rec.Settled == 0 || t.pressed != nil || len(t.rec.Past) > 0 { // the first words since it was closed
		return plan, false
	}
	back, err := t.e.Desk.Returns(ctx, t.Key)
	if err != nil {
		t.e.Log.Warn("whether a case goes on could not be read", "turn", t.ID, "cause", err.Error())
		return plan, false
	}
	return Plan{Action: ActHandoff, Reason: ReasonAsked}, back
}
