package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
)

// Problem is an error as the client sees it (RFC 9457).
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"` // stable, for programs
	RequestID string `json:"request_id,omitempty"`
}

type row struct {
	status int
	title  string
}

// rowOf is the one table from kind to status.
func rowOf(k fault.Kind) row {
	switch k {
	case fault.Invalid:
		return row{400, "The request cannot be used"}
	case fault.Unauthorized:
		return row{401, "Not signed in"}
	case fault.Forbidden:
		return row{403, "Not allowed"}
	case fault.NotFound:
		return row{404, "Not found"}
	case fault.Conflict:
		return row{409, "It contradicts what is there"}
	case fault.TooLarge:
		return row{413, "Too large"}
	case fault.Unsupported:
		return row{415, "Not understood"}
	case fault.RateLimited:
		return row{429, "Too many requests"}
	case fault.Unavailable:
		return row{503, "Not available right now"}
	case fault.Timeout:
		return row{504, "It took too long"}
	default:
		return row{500, "A fault of ours"}
	}
}

// Status returns the HTTP status of a kind.
func Status(k fault.Kind) int { return rowOf(k).status }

// internalFault is all that a client learns of an error without a kind.
func internalFault(err error) *fault.Error {
	return fault.Wrap(err, fault.Internal, "internal", "Something went wrong on our side. Please try again; if it goes on, tell us the request id.")
}

// fiberFault gives Fiber's and fasthttp's own errors our codes and words:
// theirs repeat what the client sent.
func fiberFault(err *fiber.Error) *fault.Error {
	switch err.Code {
	case fiber.StatusNotFound:
		return fault.Wrap(err, fault.NotFound, "no_such_route", "There is nothing at this address.")
	case fiber.StatusMethodNotAllowed:
		return fault.Wrap(err, fault.NotFound, "method_not_allowed", "This address does not take this method.")
	case fiber.StatusRequestEntityTooLarge:
		return fault.Wrap(err, fault.TooLarge, "body_too_large", "The body is larger than this address takes.")
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return fault.Wrap(err, fault.TooLarge, "headers_too_large", "The request's headers are larger than 8 KiB.")
	case fiber.StatusRequestTimeout:
		return fault.Wrap(err, fault.Timeout, "request_timeout", "The request did not arrive in time.")
	case fiber.StatusBadRequest:
		return fault.Wrap(err, fault.Invalid, "bad_request", "This is not a request we can read.")
	default:
		return internalFault(err)
	}
}

// faultOf finds or makes the fault of any error.
func faultOf(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		return fiberFault(f)
	}
	return internalFault(err)
}

// ProblemOf turns any error into what the client sees.
func ProblemOf(err error, requestID string) Problem {
	f := faultOf(err)
	r := rowOf(f.Kind)
	if f.Code == "method_not_allowed" {
		r = row{fiber.StatusMethodNotAllowed, "Method not allowed"}
	}
	if f.Code == "headers_too_large" {
		r = row{fiber.StatusRequestHeaderFieldsTooLarge, "Headers too large"}
	}
	if f.Code == "request_timeout" {
		r = row{fiber.StatusRequestTimeout, "The request took too long"}
	}
	return Problem{
		Type: "urn:frontdesk:problem:" + f.Code, Title: r.title, Status: r.status,
		Detail: f.Public, Code: f.Code, RequestID: requestID,
	}
}

// retryAfter is whole seconds, at least one: a client that comes back at once
// meets the same limit.
func retryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}

// writeProblem answers with err and logs what the client is not told.
func writeProblem(c *fiber.Ctx, log *slog.Logger, err error) error {
	if RequestID(c) == "" { // fasthttp's own errors come past the middleware
		c.Locals(localRequestID, requestID(""))
		c.Set(headerRequestID, RequestID(c))
		secure(c)
	}
	f := faultOf(err)
	p := ProblemOf(err, RequestID(c))
	if f.RetryAfter > 0 || p.Status == fiber.StatusServiceUnavailable || p.Status == fiber.StatusTooManyRequests {
		c.Set(fiber.HeaderRetryAfter, retryAfter(f.RetryAfter))
	}
	if p.Status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer error="`+p.Code+`"`)
	}
	if p.Status >= 500 {
		log.Error("request failed", "request", p.RequestID, "code", p.Code, "status", p.Status, "cause", cause(f))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Status(p.Status)
	c.Response().ResetBody()
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Send(body)
}

func cause(f *fault.Error) string {
	if f.Err == nil {
		return ""
	}
	return f.Err.Error()
}
