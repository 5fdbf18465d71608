package console

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

const (
	// firstLines is how much of a conversation comes with its case: what fits on
	// two screens, the rest is asked for on the way up.
	firstLines = 60
	maxLines   = 200
	maxLog     = 500
)

var (
	errNumber = fault.New(fault.Invalid, "number", "before, after and limit have to be whole numbers; limit from 1 to 200.")
	errMade   = fault.New(fault.Invalid, "version", "version has to be the one of the case that was looked at.")
)

func number(s string, absent, most int64) (int64, error) {
	if s == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, errNumber
	}
	return n, nil
}

// start is what a page needs first.
func (c *Console) start(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	queues, err := c.wallOf(ctx.UserContext(), a)
	if err != nil {
		return err
	}
	agents, err := c.peopleOf(ctx.UserContext(), a)
	if err != nil {
		return err
	}
	canned, err := c.Store.Canned(ctx.UserContext(), a.Site)
	if err != nil {
		return err
	}
	changes, err := c.Desk.Changes(ctx.UserContext(), a.Site, "")
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{
		"me":     fiber.Map{"agent": a.Agent, "name": a.Name, "role": a.Role, "queues": a.Queues, "leads": a.Leads(), "works": a.Works()},
		"shop":   c.Shop(ctx.UserContext(), a.Site),
		"queues": queues, "agents": agents, "canned": orEmpty(canned),
		"cursor": changes.Cursor, "now": c.Now().UTC(), "build": c.files.build,
	})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (c *Console) wall(ctx *fiber.Ctx) error {
	queues, err := c.wallOf(ctx.UserContext(), actorOf(ctx))
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"queues": orEmpty(queues), "now": c.Now().UTC()})
}

// list is GET /cases?view=waiting&queue=a&queue=b&language=de&product=k2&visitor=…&after=…&limit=50.
// With ?reference= it is the one case that has it.
func (c *Console) list(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	if ref := copied(ctx.Query("reference")); ref != "" {
		return c.find(ctx, a, ref)
	}
	limit, err := number(ctx.Query("limit"), 50, maxLines)
	if err != nil {
		return err
	}
	v := handoff.View{
		Kind: handoff.ViewKind(copied(ctx.Query("view", string(handoff.ViewWaiting)))), Queues: queryList(ctx, "queue"),
		Language: copied(ctx.Query("language")), Product: copied(ctx.Query("product")),
	}
	for name, to := range map[string]*convo.ID{"agent": &v.Agent, "visitor": &v.Visitor} {
		if s := ctx.Query(name); s != "" {
			if *to, err = uuid.Parse(s); err != nil {
				return handoff.ErrView
			}
		}
	}
	page, err := c.Desk.List(ctx.UserContext(), a, v, handoff.Page{After: copied(ctx.Query("after")), Limit: int(limit)})
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(page.Cases))
	for _, e := range page.Cases {
		rows = append(rows, rowOf(e))
	}
	return ctx.JSON(fiber.Map{"cases": rows, "next": page.Next, "now": c.Now().UTC()})
}

func (c *Console) find(ctx *fiber.Ctx, a handoff.Actor, reference string) error {
	found, err := c.Desk.Find(ctx.UserContext(), a, reference)
	if errors.Is(err, handoff.ErrNoCase) {
		return ctx.JSON(fiber.Map{"cases": []row{}, "next": "", "now": c.Now().UTC()})
	}
	if err != nil {
		return err
	}
	rows, err := c.rows(ctx.UserContext(), a, []convo.ID{found.ID})
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"cases": rows, "next": "", "now": c.Now().UTC()})
}

// rows reads those of the cases that the actor sees.
func (c *Console) rows(ctx context.Context, a handoff.Actor, ids []convo.ID) ([]row, error) {
	entries, err := c.Store.Rows(ctx, a.Site, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(entries))
	for _, e := range entries {
		if a.SeesCase(e.Case) {
			rows = append(rows, rowOf(e))
		}
	}
	return rows, nil
}

// caseID reads the case of the address: one that cannot be is not there.
func caseID(ctx *fiber.Ctx) (convo.ID, error) {
	id, err := uuid.Parse(ctx.Params("id"))
	if err != nil {
		return id, handoff.ErrNoCase
	}
	return id, nil
}

func copied(s string) string { return strings.Clone(s) }

func queryList(ctx *fiber.Ctx, name string) []string {
	var out []string
	for _, v := range ctx.Context().QueryArgs().PeekMulti(name) {
		out = append(out, string(v))
	}
	return out
}

// getCase is a case with all that its page shows, in one answer.
func (c *Console) getCase(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	found, err := c.Desk.Get(ctx.UserContext(), a, id)
	if err != nil {
		return err
	}
	out, err := c.whole(ctx.UserContext(), a, found)
	if err != nil {
		return err
	}
	web.Note(ctx, "case", id)
	return ctx.JSON(out)
}

func (c *Console) whole(ctx context.Context, a handoff.Actor, found handoff.Case) (opened, error) {
	out := opened{Packet: found.Packet}
	rows, err := c.rows(ctx, a, []convo.ID{found.ID})
	if err != nil {
		return out, err
	}
	if len(rows) == 0 { // it went elsewhere between the two reads
		return out, handoff.ErrNoCase
	}
	out.Case = rows[0]
	events, more, err := c.Store.Page(ctx, found.Conversation, 0, firstLines)
	if err != nil {
		return out, err
	}
	out.Messages = messagePage{Lines: lines(events), More: more}
	if out.Log, err = c.Desk.Log(ctx, a, found.ID, 0, maxLog); err != nil {
		return out, err
	}
	out.Log = orEmpty(out.Log)
	looking, err := c.Store.Looking(ctx, a.Site, []convo.ID{found.ID}, c.Now())
	if err != nil {
		return out, err
	}
	out.Looking = orEmpty(looking[found.ID])
	d, err := c.Store.Draft(ctx, a, found.ID)
	if err != nil {
		return out, err
	}
	if d.Text != "" || d.Note != "" {
		out.Draft = &d
	}
	return out, nil
}

// messages pages upwards through a conversation.
func (c *Console) messages(ctx *fiber.Ctx) error {
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	return c.pageOf(ctx, found.Conversation)
}

// pageOf is a page of a conversation that may be read.
func (c *Console) pageOf(ctx *fiber.Ctx, key convo.Key) error {
	before, err := number(ctx.Query("before"), 0, 1<<62)
	if err != nil {
		return err
	}
	limit, err := number(ctx.Query("limit"), firstLines, maxLines)
	if err != nil {
		return err
	}
	events, more, err := c.Store.Page(ctx.UserContext(), key, before, int(max(1, limit)))
	if err != nil {
		return err
	}
	return ctx.JSON(messagePage{Lines: lines(events), More: more})
}

// readable is the case of the address, where the actor may read it: its row
// alone, no packet is made for it.
func (c *Console) readable(ctx *fiber.Ctx) (handoff.Case, error) {
	id, err := caseID(ctx)
	if err != nil {
		return handoff.Case{}, err
	}
	entries, err := c.Store.Rows(ctx.UserContext(), actorOf(ctx).Site, []convo.ID{id})
	if err != nil {
		return handoff.Case{}, err
	}
	if len(entries) == 0 || !actorOf(ctx).SeesCase(entries[0].Case) {
		return handoff.Case{}, handoff.ErrNoCase
	}
	return entries[0].Case, nil
}

func (c *Console) log(ctx *fiber.Ctx) error {
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	after, err := number(ctx.Query("after"), 0, 1<<62)
	if err != nil {
		return err
	}
	entries, err := c.Desk.Log(ctx.UserContext(), actorOf(ctx), id, after, maxLog)
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"log": orEmpty(entries)})
}

// visitor is the customer's profile and what they did before. A case of another
// queue is named, so that nobody asks the customer to tell it again, and cannot
// be opened from there.
func (c *Console) visitor(ctx *fiber.Ctx) error {
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	v, err := c.Store.Visitor(ctx.UserContext(), found.Conversation)
	if err != nil {
		return err
	}
	a := actorOf(ctx)
	for i := range v.Earlier {
		e := &v.Earlier[i]
		unseen := len(e.Cases) > 0
		for j := range e.Cases {
			if a.Sees(e.Cases[j].Queue) {
				unseen = false
				continue
			}
			e.Cases[j].ID = convo.ID{}
		}
		if unseen { // all of it is another queue's: what was said stays there
			e.First, e.Page = "", nil
		}
	}
	v.Earlier = orEmpty(v.Earlier)
	v.Ratings = orEmpty(slices.DeleteFunc(v.Ratings, func(r VisitorRating) bool { return !a.Sees(r.Queue) }))
	return ctx.JSON(v)
}
