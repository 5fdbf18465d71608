package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Listen opens addr. Where addr is taken and mayMove is true (nobody chose it)
// the next free of the twenty ports after it is taken instead, so that two
// clones run side by side. The listener's own address is the true one.
func Listen(ctx context.Context, addr string, mayMove bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: write it as host:port, 127.0.0.1:8080 for instance: %w", addr, err)
	}
	first, err := strconv.Atoi(port)
	if err != nil || first < 0 || first > 65535 {
		return nil, fmt.Errorf("listening on %q: the port has to be a number from 0 to 65535", addr)
	}
	var lc net.ListenConfig
	for p := first; p <= first+20 && p <= 65535; p++ {
		ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err == nil {
			return ln, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("listening on %s: %w", addr, err)
		}
		if !mayMove {
			return nil, fmt.Errorf("listening on %s: another program has this port; stop it, or choose another address: %w", addr, err)
		}
	}
	return nil, fmt.Errorf("listening on %s: this port and the twenty after it are taken; choose another address", addr)
}
