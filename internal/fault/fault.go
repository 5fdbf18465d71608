package fault

import (
	"errors"
	"time"
)

// Kind says what sort of thing went wrong.
type Kind int

const (
	Internal     Kind = iota // a fault of ours; the cause stays in the log
	Invalid                  // the request cannot be understood or breaks a rule
	Unauthorized             // no token, or one that is not valid
	Forbidden                // a valid token that does not reach this
	NotFound                 // no such thing, or not for this caller
	Conflict                 // it contradicts what is stored already
	TooLarge                 // more bytes than allowed
	Unsupported              // a media type or encoding that is not taken
	RateLimited              // too many; RetryAfter says when again
	Unavailable              // a part is away; RetryAfter says when again
	Timeout                  // a part did not answer in time
)

// Error carries a Kind, a stable code and public words beside its cause.
type Error struct {
	Kind       Kind
	Code       string        // stable, snake_case, for programs
	Public     string        // one or two sentences for people: what is wrong and what to do
	RetryAfter time.Duration // zero: not said
	Err        error         // the cause, for the log; may be nil
}

// New makes an Error without a cause.
func New(kind Kind, code, public string) *Error {
	return &Error{Kind: kind, Code: code, Public: public}
}

// Wrap makes an Error from a cause.
func Wrap(err error, kind Kind, code, public string) *Error {
	return &Error{Kind: kind, Code: code, Public: public, Err: err}
}

// After returns a copy that says when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Public
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, sentinel) true for a wrapped copy with the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// As finds the Error in err's chain; ok is false for an error without a kind.
func As(err error) (e *Error, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

// KindOf returns the kind of err, Internal where it has none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}
