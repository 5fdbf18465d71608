package console

import (
	"encoding/json"
	"strings"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// operation is one route of the desk's API, as people who write programs for it
// read it. What goes in and out is described by the very types that are read and
// written, so that it cannot say something else; a test holds the list against
// the routes.
type operation struct {
	method, path string
	what         string
	query        string // names, separated by blanks
	in, out      any    // nil: nothing; fields: an object of these
	status       int    // 0: 200 with out, 204 without
	open         bool   // nobody has to sign in
	media        string // of what comes back; empty: JSON
}

// fields is an object that is put together where it is sent.
type fields map[string]any

// caseOut is what changes of a case answer.
var caseOut = fields{"case": row{}}

// operations are all of them, in the order in which they are read. Paths are
// below /desk/api/v1.
func operations() []operation {
	now := time.Time{}
	settings := fields{"queues": []handoff.Queue{}, "routes": []handoff.Route{}, "rules": handoff.Rules{}}
	blocks := fields{"blocks": []handoff.Block{}}
	entry := fields{"entry": handoff.CaseEvent{}}
	views := fields{"views": []SavedView{}, "now": now}
	me := fields{"agent": convo.ID{}, "name": "", "role": handoff.Role(""), "queues": []string{}, "leads": false, "works": false}
	move := func(name, what string, in any) operation {
		return operation{method: "POST", path: "/cases/:id/" + name, what: what, in: in, out: caseOut}
	}
	list := []operation{
		{method: "GET", path: "/openapi.json", what: "This description.", open: true, out: map[string]any{}},
		{method: "GET", path: "/packet.schema.json", what: "The schema of a case's packet, version 1.", open: true, out: map[string]any{}},

		{method: "GET", path: "/login", what: "Whether a sign-in has to name its site.", out: doorBody{}, open: true},
		{method: "POST", path: "/login", what: "Signs in: the session comes as a cookie.", in: loginRequest{}, out: meResponse{}, open: true},
		{method: "POST", path: "/logout", what: "Ends this session.", open: true},
		{method: "POST", path: "/invitations/look", what: "Reads what a link of an invitation is for, and changes nothing.", in: lookRequest{}, out: invitationBody{}, open: true},
		{method: "POST", path: "/invitations/accept", what: "Takes an invitation up, or chooses a password anew.", in: acceptRequest{}, out: meResponse{}, open: true, status: 201},
		{method: "GET", path: "/me", what: "Who is signed in.", out: meResponse{}},
		{method: "POST", path: "/password", what: "Changes one's own password; other sessions end.", in: passwordRequest{}},
		{method: "GET", path: "/sessions", what: "Where one is signed in; of others for admins.", query: "person", out: fields{"sessions": []sessionBody{}}},
		{method: "DELETE", path: "/sessions", what: "Signs out everywhere.", query: "person", out: fields{"ended": 0}},
		{method: "DELETE", path: "/sessions/:session", what: "Signs out there."},
		{method: "GET", path: "/invitations", what: "Open invitations.", out: fields{"invitations": []invitationBody{}}},
		{method: "POST", path: "/invitations", what: "Invites somebody; the link is in the answer, once.", in: inviteRequest{}, out: invitationBody{}, status: 201},
		{method: "DELETE", path: "/invitations/:invitation", what: "Takes an invitation back."},
		{method: "GET", path: "/people", what: "The people of the desk, for admins.", out: fields{"people": []personBody{}}},
		{method: "PATCH", path: "/people/:person", what: "Changes somebody: name, role, queues, capacity, disabled.", in: changeRequest{}, out: personBody{}},
		{method: "POST", path: "/people/:person/reset", what: "Makes a link to choose a password anew.", out: invitationBody{}, status: 201},
		{method: "GET", path: "/audit", what: "Who saw and did what, the newest first.", query: "agent person case conversation action after limit", out: fields{"entries": []entryBody{}, "next": ""}},

		{method: "GET", path: "/start", what: "What a page needs first, with the cursor that its stream goes on from.", out: fields{
			"me": me, "shop": "", "queues": []handoff.QueueState{}, "agents": []colleague{}, "canned": []Canned{}, "cursor": "", "now": now, "build": "",
		}},
		{
			method: "GET", path: "/stream", what: "Server-sent events: hello, beat, changes, said, typing, read, looking, writing (for leads), reset, over. Resumed by Last-Event-ID.",
			query: "cursor case after tab", media: "text/event-stream", out: changesEvent{},
		},
		{method: "GET", path: "/queues", what: "Every queue one sees, with what goes on in it.", out: fields{"queues": []handoff.QueueState{}, "now": now}},
		{method: "GET", path: "/agents", what: "The colleagues, with who is there and has room.", out: fields{"agents": []colleague{}, "now": now}},
		{
			method: "POST", path: "/presence", what: "Says that one is there, which case is open, and whether one types.", in: beatRequest{},
			out: fields{"status": handoff.Status(""), "until": now, "since": now, "now": now},
		},
		{method: "DELETE", path: "/presence", what: "Says that one has gone."},

		{
			method: "GET", path: "/cases", what: "A page of a view, or with reference the one case that has it.", query: "view queue language product agent visitor reference after limit",
			out: fields{"cases": []row{}, "next": "", "now": now},
		},
		{method: "POST", path: "/cases/next", what: "Claims the case that is due first; 204: nobody waits.", in: fields{"queues": []string{}}, out: caseOut},
		{method: "GET", path: "/cases/:id", what: "A case with its packet, conversation, log, who looks, and one's own draft.", out: opened{}},
		{method: "GET", path: "/cases/:id/messages", what: "Pages upwards through the conversation.", query: "before limit", out: messagePage{}},
		{method: "GET", path: "/cases/:id/log", what: "The case's own log after a number; whispers only where they are for the reader, or the reader leads.", query: "after", out: fields{"log": []handoff.CaseEvent{}}},
		{method: "GET", path: "/cases/:id/visitor", what: "Who the customer is, how that is known, and what they did before.", out: Visitor{}},
		move("claim", "Takes a case.", fields{"version": int64(0)}),
		move("release", "Gives it back to its queue, at the place it would have had.", fields{"version": int64(0), "why": ""}),
		move("transfer", "Gives it to a queue or to a person.", fields{"version": int64(0), "queue": "", "agent": "", "why": ""}),
		move("escalate", "Gives it to those above, with priority at least high.", fields{"version": int64(0), "queue": "", "why": ""}),
		move("takeover", "A lead takes it from whoever has it, and says why; they are told.", fields{"version": int64(0), "why": ""}),
		move("snooze", "Lets it sleep until a moment; without one it wakes.", fields{"version": int64(0), "until": now}),
		move("priority", "Moves it forward or back in its line.", fields{"version": int64(0), "priority": handoff.Normal}),
		move("merge", "Closes it into another open one of the same customer.", fields{"version": int64(0), "into": ""}),
		move("close", "Ends it; customer and assistant read the memo.", fields{"version": int64(0), "ended": handoff.Solved, "topic": "", "product": "", "memo": ""}),
		move("reopen", "Takes a closed case up again.", fields{"version": int64(0)}),
		{
			method: "POST", path: "/cases/:id/replies", what: "Says something to the customer; sent twice under one name it is said once. Citations are kept where the article says them word for word.",
			in: replyRequest{}, out: fields{"message": convo.Message{}, "seq": int64(0), "repeat": false, "case": row{}},
		},
		{method: "POST", path: "/cases/:id/notes", what: "Writes what only the desk reads; mentions tells those named.", in: noteRequest{}, out: entry},
		{method: "POST", path: "/cases/:id/whispers", what: "Says something that only leads and the one who has the case see.", in: whisperRequest{}, out: entry},
		{method: "GET", path: "/cases/:id/suggestion", what: "A reply to suggest: the packet's, or the best passage for the problem; null: none.", out: fields{"reply": &packet.Reply{}}},
		{method: "POST", path: "/cases/:id/suggestion", what: "Notes that a suggestion was turned down.", in: unusedRequest{}, out: entry},
		{method: "PUT", path: "/cases/:id/draft", what: "Keeps what one has begun to write; leads who look on see it.", in: Draft{}},
		{method: "POST", path: "/cases/:id/typing", what: "Says that one types.", in: typingRequest{}},
		{method: "POST", path: "/cases/:id/read", what: "Says up to which line one has read; the customer is told where the case is one's own.", in: readRequest{}},
		{method: "POST", path: "/cases/:id/files", what: "Puts a file in, in pieces (Content-Range, X-File-Upload); its name is in X-File-Name. 202 with received while there is more to come, 200 where it was there already.", in: []byte{}, out: convo.File{}, status: 201},
		{method: "GET", path: "/cases/:id/files/:file", what: "A file of the conversation; size=small: a thumbnail.", query: "size", media: "application/octet-stream", out: []byte{}},
		{method: "POST", path: "/passages", what: "Searches the knowledge, the agents' own included.", in: passagesRequest{}, out: fields{"passages": []Passage{}}},

		{method: "GET", path: "/search", what: "Searches conversations, notes and memos of cases that one may read, and conversations that the assistant had alone (is:assistant, is:case: only the one or the other). A result has case or conversation.", query: "q zone after limit", out: fields{"results": []searchResult{}, "next": "", "now": now}},
		{method: "GET", path: "/conversations/:id", what: "A conversation that the assistant had alone, for whom no list of queues bounds and for leads; of one that has a case by now only case is said.", out: openedAlone{}},
		{method: "GET", path: "/conversations/:id/messages", what: "Pages upwards through it.", query: "before limit", out: messagePage{}},
		{method: "GET", path: "/conversations/:id/files/:file", what: "A file of it; size=small: a thumbnail.", query: "size", media: "application/octet-stream", out: []byte{}},
		{method: "GET", path: "/views", what: "Saved views, with how many cases and conversations each holds.", query: "zone", out: views},
		{method: "PUT", path: "/views/order", what: "Puts saved views in an order.", in: orderRequest{}},
		{method: "PUT", path: "/views/:id", what: "Adds (new) or changes one.", in: viewRequest{}, out: fields{"views": []SavedView{}, "id": convo.ID{}}},
		{method: "DELETE", path: "/views/:id", what: "Removes one."},

		{method: "GET", path: "/canned", what: "Canned replies.", out: fields{"canned": []Canned{}}},
		{method: "PUT", path: "/canned/:id", what: "Adds (new) or changes one.", in: Canned{}, out: Canned{}},
		{method: "DELETE", path: "/canned/:id", what: "Removes one."},

		{method: "GET", path: "/settings", what: "Queues, routes and rules.", out: settings},
		{method: "PUT", path: "/settings/queues/:queue", what: "Adds or changes a queue.", in: handoff.Queue{}, out: settings},
		{method: "DELETE", path: "/settings/queues/:queue", what: "Removes one; its open cases go into another.", query: "into", out: settings},
		{method: "PUT", path: "/settings/routes", what: "Replaces the routing table.", in: routesRequest{}, out: settings},
		{method: "POST", path: "/settings/dry-run", what: "Holds a routing table against past cases.", in: routesRequest{}, out: fields{"cases": []handoff.DryRun{}}},
		{method: "POST", path: "/settings/hours/dry-run", what: "What business hours mean now.", in: hoursRequest{}, out: hoursState{}},
		{method: "GET", path: "/settings/articles", what: "Articles with the labels that count.", out: Shelf{}},
		{method: "PUT", path: "/settings/articles", what: "Settles labels of one.", in: Label{}, out: Shelf{}},
		{method: "PUT", path: "/settings/rules", what: "Changes the site's limits.", in: handoff.Rules{}, out: settings},
		{method: "GET", path: "/blocks", what: "Visitors who are kept from people.", out: blocks},
		{method: "PUT", path: "/blocks/:visitor", what: "Blocks one.", in: blockRequest{}, out: blocks},
		{method: "DELETE", path: "/blocks/:visitor", what: "Lets them again.", out: blocks},
	}
	return list
}

// describe writes the desk's API as OpenAPI 3.1.
func describe() ([]byte, error) {
	s := schemas{named: map[string]any{}}
	paths := map[string]map[string]any{}
	problem := map[string]any{"description": "What went wrong, as RFC 9457 says it, with a stable code.", "content": map[string]any{"application/problem+json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Problem"}}}}
	for _, o := range operations() {
		path, params := o.address()
		op := map[string]any{"summary": o.what, "responses": map[string]any{o.answer(): o.response(&s), "default": problem}}
		if len(params) > 0 {
			op["parameters"] = params
		}
		if o.in != nil {
			media := "application/json"
			if _, raw := o.in.([]byte); raw {
				media = "application/octet-stream"
			}
			op["requestBody"] = map[string]any{"content": map[string]any{media: map[string]any{"schema": s.of(o.in)}}}
		}
		if o.open {
			op["security"] = []any{}
		}
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(o.method)] = op
	}
	s.named["Problem"] = s.of(fields{"type": "", "title": "", "status": 0, "detail": "", "code": "", "request_id": ""})
	return json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Frontdesk, the agents' desk", "version": "1",
			"description": "What the desk's own page uses. A session is a cookie that POST /login gives; a change is taken from a page of the desk's own origin only (a program sends Origin). A case of a queue that one does not work in is not there. Fields may be added; none changes its meaning.",
		},
		"servers":    []any{map[string]any{"url": apiPath}},
		"security":   []any{map[string]any{"session": []any{}}},
		"paths":      paths,
		"components": map[string]any{"schemas": s.named, "securitySchemes": map[string]any{"session": map[string]any{"type": "apiKey", "in": "cookie", "name": cookieSecure, "description": "Over plain http it is called " + cookiePlain + "."}}},
	})
}

const apiPath = "/desk/api/v1"

// address is the path as OpenAPI writes it, with what is in it and behind it.
func (o operation) address() (path string, params []any) {
	parts := strings.Split(o.path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
			params = append(params, map[string]any{"name": name, "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
		}
	}
	for name := range strings.FieldsSeq(o.query) {
		params = append(params, map[string]any{"name": name, "in": "query", "schema": map[string]any{"type": "string"}})
	}
	return strings.Join(parts, "/"), params
}

func (o operation) answer() string {
	switch {
	case o.status == 201:
		return "201"
	case o.out == nil:
		return "204"
	default:
		return "200"
	}
}

func (o operation) response(s *schemas) map[string]any {
	if o.out == nil {
		return map[string]any{"description": "Done."}
	}
	media := o.media
	if media == "" {
		media = "application/json"
	}
	return map[string]any{"description": "What there is.", "content": map[string]any{media: map[string]any{"schema": s.of(o.out)}}}
}
