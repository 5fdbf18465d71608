package web

import (
	"net"
	"time"
)

const (
	// drainBytes and drainTime are how much of a body that is too large is read
	// to no end, and for how long; drainIdle is how long its sender may pause.
	drainBytes = 8 << 20
	drainTime  = 2 * time.Second
	drainIdle  = 50 * time.Millisecond
)

// drain reads what a client is still sending of a body that is refused. A
// connection that is closed with bytes unread is reset, and the client may lose
// the answer that says why.
func drain(conn net.Conn) {
	buf := make([]byte, 32<<10)
	end := time.Now().Add(drainTime)
	for read := 0; read < drainBytes && time.Now().Before(end); {
		if conn.SetReadDeadline(time.Now().Add(drainIdle)) != nil {
			return
		}
		n, err := conn.Read(buf)
		read += n
		if err != nil { // it has sent all, or left
			return
		}
	}
}
