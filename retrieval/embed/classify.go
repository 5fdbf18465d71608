package embed

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"frontdesk/internal/fault"
)

// classify says what the failure of a call means. The words of the server stay
// here: they may repeat the text that was sent, and a log must not.
func classify(ctx context.Context, ex *exchange, err error, now time.Time) *failure {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return slow()
	case errors.Is(ex.readErr, errTooLarge):
		return wrongAnswer(CodeTooLarge, "more bytes than vectors can need")
	case ex.status == 0 || ex.readErr != nil:
		return broken(err)
	case ex.status >= 200 && ex.status < 300:
		return unreadable(ex, err)
	}
	return status(ex, err, now)
}

// ended is a call whose context is over: the caller left, or the time is up.
func ended(ctx context.Context) *failure {
	if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return fail(fault.Timeout, CodeCancelled, "The caller gave up.").because(context.Canceled)
	}
	return slow()
}

func slow() *failure {
	return fail(fault.Timeout, CodeSlow,
		"The embeddings server did not answer in time. See whether it is overloaded, or choose a smaller model.").
		because(context.DeadlineExceeded).tripping()
}

// broken is a call without an answer, or with a part of one.
func broken(err error) *failure {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the outer one repeats the URL
	}
	f := fail(fault.Unavailable, CodeUnreachable,
		"The embeddings server cannot be reached. See that it is running, and that EMBEDDINGS_BASE_URL is its address.").
		because(err).tripping()
	var cert *tls.CertificateVerificationError
	var host x509.HostnameError
	if errors.As(err, &cert) || errors.As(err, &host) {
		f.err.Public = "The embeddings server's certificate is not trusted here. Install its authority's, or check EMBEDDINGS_BASE_URL."
		return f
	}
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		f.err.Kind = fault.Timeout
	}
	return f.retryable()
}

// unreadable is an answer of success that is no embeddings.
func unreadable(ex *exchange, err error) *failure {
	if ex.size == 0 {
		return wrongAnswer(CodeNoAnswer, "nothing").retryable()
	}
	var typ *json.UnmarshalTypeError
	f := wrongAnswer(CodeNotJSON, "something that is not JSON made of vectors ("+mediaType(ex)+")")
	f.format = errors.As(err, &typ) && strings.HasSuffix(typ.Field, "embedding")
	return f
}

func mediaType(ex *exchange) string {
	m, _, _ := strings.Cut(ex.contentType, ";")
	if m = strings.TrimSpace(m); m == "" || len(m) > 40 {
		return "no media type"
	}
	return m
}

// status is an answer that says it is an error.
func status(ex *exchange, err error, now time.Time) *failure {
	s := ex.status
	cause := errors.New("HTTP " + strconv.Itoa(s) + " " + http.StatusText(s))
	said := errorWords(err)
	f := fail(fault.Invalid, CodeRefused,
		"The embeddings server refuses the request. See that EMBEDDINGS_MODEL is one of its embedding models.").tripping()
	switch {
	case s == http.StatusTooManyRequests && strings.Contains(said, "quota"):
		f = fail(fault.Unavailable, CodeQuota,
			"The account at the embeddings server has used up its quota. See its billing page.").tripping()
	case s == http.StatusTooManyRequests:
		f = fail(fault.Unavailable, CodeOverloaded,
			"The embeddings server takes no more requests at the moment. Ask for a higher limit if this lasts.").tripping().retryable()
	case s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooEarly:
		f = fail(fault.Unavailable, CodeFailing,
			"The embeddings server reports a failure of its own. Its log says which.").tripping().retryable()
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		f = fail(fault.Unavailable, CodeKey,
			"The embeddings server does not accept the key. Set EMBEDDINGS_API_KEY.").tripping()
	case s == http.StatusNotFound || s == http.StatusMethodNotAllowed || s < 400:
		f = fail(fault.Unavailable, CodeNotFound,
			"There are no embeddings at EMBEDDINGS_BASE_URL, which usually ends in /v1, or it has no model of the name EMBEDDINGS_MODEL.").tripping()
	case s == http.StatusRequestEntityTooLarge || tooLongWords(said):
		f = fail(fault.Invalid, CodeTooLong, "A text is longer than the embedding model can take. Split it.")
		f.tooLong = true
	default:
		f.said = said
	}
	f.err.Err = cause
	f.after = retryAfter(ex.retryAfter, now)
	f.err.RetryAfter = f.after
	return f
}

// errorWords are the server's words for machines and people, lower-cased: to
// look for known ones in, never to be shown or logged.
func errorWords(err error) string {
	var api *openai.APIError
	if errors.As(err, &api) {
		code, _ := api.Code.(string)
		param := ""
		if api.Param != nil {
			param = *api.Param
		}
		return strings.ToLower(code + " " + api.Type + " " + param + " " + api.Message)
	}
	var req *openai.RequestError
	if errors.As(err, &req) {
		return strings.ToLower(string(req.Body))
	}
	return ""
}

// tooLongWords knows how the servers in use say that a text has too many tokens.
func tooLongWords(said string) bool {
	if !strings.Contains(said, "token") && !strings.Contains(said, "context") && !strings.Contains(said, "length") {
		return false
	}
	for _, w := range []string{"maximum", "max_", "max ", "exceed", "too long", "too large", "too many", "larger than", "less than", "context_length", "limit"} {
		if strings.Contains(said, w) {
			return true
		}
	}
	return false
}

// retryAfter reads the header's two forms; 0: none that makes sense.
func retryAfter(h string, now time.Time) time.Duration {
	if h == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(h, 64); err == nil && s > 0 && s < 24*3600 {
		return time.Duration(s * float64(time.Second))
	}
	if t, err := http.ParseTime(h); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
