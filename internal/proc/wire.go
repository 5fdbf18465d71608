package proc

// The supervisor's protocol: JSON lines over a Unix socket. The client sends
// one request; a hold lasts until its connection closes.

// protocol is the version of these messages; two programs with different ones
// cannot share a supervisor.
const protocol = 2

type request struct {
	Protocol int      `json:"protocol"`
	Client   string   `json:"client"` // what holds: "frontdesk serve"
	PID      int      `json:"pid"`
	Want     []string `json:"want,omitempty"`
	Status   bool     `json:"status,omitempty"` // one status line, then the end
}

type reply struct {
	Event  *Event  `json:"event,omitempty"`
	Status *Status `json:"status,omitempty"`
	// Closing: this supervisor is going; start another.
	Closing bool `json:"closing,omitempty"`
	// Refused: asking again will not help; why, in words.
	Refused string `json:"refused,omitempty"`
}

// Status is what a supervisor says of itself.
type Status struct {
	PID     int      `json:"pid"`
	Clients []Client `json:"clients"`
	Parts   []Event  `json:"parts"`
}

// Client is one hold.
type Client struct {
	Name string   `json:"name"`
	PID  int      `json:"pid"`
	Want []string `json:"want"`
}

// rendezvous is where clients find the supervisor: the content of the file
// supervisor.json in the base's run folder.
type rendezvous struct {
	PID    int    `json:"pid"`
	Socket string `json:"socket"`
}
