package web

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// PartState is what a part says about itself.
type PartState struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
	// Needed parts make the service unready when they are away; the others
	// only degrade it.
	Needed bool `json:"needed"`
}

// Part is asked for its state by /readyz.
type Part struct {
	Name   string
	Needed bool
	Check  func(ctx context.Context) error
}

// Readiness is the body of /readyz.
type Readiness struct {
	Status string               `json:"status"` // ready, degraded, unready
	Parts  map[string]PartState `json:"parts"`
}

// Health mounts /healthz (the process answers) and /readyz (its parts do).
// reason turns a part's error into words for the outside: an error may hold
// addresses and names.
func (a *App) Health(parts []Part, reason func(error) string) {
	a.fiber.Get("/healthz", func(c *fiber.Ctx) error {
		return c.JSON(struct {
			Status string `json:"status"`
		}{"ok"})
	})
	a.fiber.Get("/readyz", func(c *fiber.Ctx) error {
		r := a.Readiness(c.UserContext(), parts, reason)
		if r.Status == "unready" {
			c.Status(fiber.StatusServiceUnavailable)
			c.Set(fiber.HeaderRetryAfter, "1")
		}
		return c.JSON(r)
	})
}

// Readiness asks all parts at once and waits two seconds at most.
func (a *App) Readiness(ctx context.Context, parts []Part, reason func(error) string) Readiness {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r := Readiness{Status: "ready", Parts: map[string]PartState{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range parts {
		wg.Go(func() {
			s := PartState{OK: true, Needed: p.Needed}
			if err := p.Check(ctx); err != nil {
				s.OK, s.Reason = false, reason(err)
			}
			mu.Lock()
			defer mu.Unlock()
			r.Parts[p.Name] = s
		})
	}
	wg.Wait()
	select {
	case <-a.stopping:
		r.Parts["server"] = PartState{Needed: true, Reason: "stopping"}
	default:
	}
	for name, s := range r.Parts {
		if a.metrics != nil {
			a.metrics.Degraded(name, !s.OK)
		}
		switch {
		case s.OK:
		case s.Needed:
			r.Status = "unready"
		case r.Status == "ready":
			r.Status = "degraded"
		}
	}
	return r
}
