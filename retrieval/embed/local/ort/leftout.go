//go:build noencode

package ort

// Library is not in this build.
type Library struct{}

// Load returns ErrLeftOut.
func Load(string, Machine) (*Library, error) { return nil, ErrLeftOut }

// Version is empty.
func (l *Library) Version() string { return "" }

// Close does nothing.
func (l *Library) Close() {}

// Session is not in this build.
type Session struct{}

// NewSession returns ErrLeftOut.
func (l *Library) NewSession(string, []string, []string, SessionConfig) (*Session, error) {
	return nil, ErrLeftOut
}

// Run returns ErrLeftOut.
func (s *Session) Run([]Tensor, int, func([]Tensor) error) error { return ErrLeftOut }

// Close does nothing.
func (s *Session) Close() {}
