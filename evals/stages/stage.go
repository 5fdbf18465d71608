package stages

// Stage is a part of the way from a message to its reply.
type Stage string

// Stages, in the order of a turn.
const (
	Knowledge Stage = "knowledge"
	Retrieval Stage = "retrieval"
	Ranking   Stage = "ranking"
	Span      Stage = "span"
	Threshold Stage = "threshold"
	Triage    Stage = "triage"
	Routing   Stage = "routing"
	Policy    Stage = "policy"
	Packet    Stage = "packet"
	Wording   Stage = "wording"
	Safety    Stage = "safety"
)

// All lists the stages in their order.
func All() []Stage {
	return []Stage{Knowledge, Retrieval, Ranking, Span, Threshold, Triage, Routing, Policy, Packet, Wording, Safety}
}

// Lost is where a case was lost.
type Lost struct {
	Case  string
	Stage Stage
	Why   string // in a sentence
}
