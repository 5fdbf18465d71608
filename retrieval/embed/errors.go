package embed

import (
	"fmt"
	"time"

	"frontdesk/internal/fault"
)

// Codes of the errors, each with one remedy.
const (
	CodeConfig      = "embedder_config"          // a setting is out of range
	CodeURL         = "embedder_url"             // the base URL is none
	CodeModel       = "embedder_model"           // several, and none named
	CodeClosed      = "embedder_closed"          // used after Close
	CodeCancelled   = "embedder_cancelled"       // the caller gave up
	CodeUnreachable = "embedder_unreachable"     // no connection, or it was cut
	CodePaused      = "embedder_paused"          // failed before; being probed
	CodeSlow        = "embedder_slow"            // no answer in time
	CodeOverloaded  = "embedder_overloaded"      // 429
	CodeQuota       = "embedder_quota"           // 429, and waiting will not help
	CodeFailing     = "embedder_failing"         // 5xx
	CodeKey         = "embedder_key_refused"     // 401, 403
	CodeNotFound    = "embedder_not_found"       // 404, 405, or a redirect
	CodeRefused     = "embedder_refused"         // another 4xx
	CodeTooLong     = "embedder_text_too_long"   // refused however much it was cut
	CodeEmptyText   = "embedder_text_empty"      // nothing in it to embed
	CodeNoAnswer    = "embedder_answer_empty"    // 200 and no byte
	CodeNotJSON     = "embedder_answer_not_json" // 200 and something else
	CodeTooLarge    = "embedder_answer_too_large"
	CodeCount       = "embedder_answer_count"  // other than one vector a text
	CodeDims        = "embedder_answer_dims"   // other width than before
	CodeNumber      = "embedder_answer_number" // NaN or infinity
	CodeZero        = "embedder_answer_zero"   // a vector without a direction
)

// TextError is a failure of one text of several: without it the others work.
type TextError struct {
	Index int // in the texts given to Embed
	Err   *fault.Error
}

func (e *TextError) Error() string { return fmt.Sprintf("text %d: %s", e.Index, e.Err.Code) }

// Unwrap gives the fault.Error.
func (e *TextError) Unwrap() error { return e.Err }

// failure is why one call did not work, and what follows from that.
type failure struct {
	err     *fault.Error
	retry   bool          // the same call may work a little later
	after   time.Duration // the server said when; 0: not said
	trips   bool          // speaks against the server, not against one text
	tooLong bool          // a shorter text may work
	format  bool          // another encoding of the answer may work
	said    string        // the server's words about a request it refuses: never shown, never logged
	reroute bool          // the way calls are made has changed: prepare the texts anew
	text    int           // ≥ 0: this text of the call is to blame
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error {
	if f.text >= 0 {
		return &TextError{Index: f.text, Err: f.err}
	}
	return f.err
}

func fail(kind fault.Kind, code, public string) *failure {
	return &failure{err: fault.New(kind, code, public), text: -1}
}

func (f *failure) because(err error) *failure {
	f.err.Err = err
	return f
}

func (f *failure) retryable() *failure { f.retry = true; return f }

func (f *failure) tripping() *failure { f.trips = true; return f }

func (f *failure) of(text int) *failure { f.text = text; return f }
