package convo

import "fmt"

// Owner is who answers the customer.
type Owner string

const (
	OwnerBot    Owner = "bot"
	OwnerQueue  Owner = "queue"
	OwnerAgent  Owner = "agent"
	OwnerNobody Owner = "nobody" // closed
)

// State is a conversation as its locked row says it is.
type State struct {
	Owner    Owner
	Version  int64 // the fencing token: moves with every change of owner
	Queue    string
	Language string
	LastSeq  int64
	OpenTurn ID // zero: none
	Visitor  ID
	Settled  int64 // the last event that a closed case has settled; 0: none
}

// Handed returns the owner after somebody hands the conversation on, and
// refuses a move that makes no sense: from nobody to an agent without a queue,
// say, or to the owner it has. Between queues and between agents it moves on.
func (o Owner) Handed(to Owner) (Owner, error) {
	switch {
	case o == to && to != OwnerAgent && to != OwnerQueue:
		return o, fmt.Errorf("conversation belongs to %s already", o)
	case o == OwnerNobody && to == OwnerAgent:
		return o, fmt.Errorf("a closed conversation goes to the bot or a queue first")
	case to == OwnerBot, to == OwnerQueue, to == OwnerAgent, to == OwnerNobody:
		return to, nil
	default:
		return o, fmt.Errorf("no such owner %q", to)
	}
}
