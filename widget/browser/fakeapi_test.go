package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

// fakeAPI speaks the service's API from memory and does what a test tells it:
// see control. What it says is scripted; how it says it follows the contract.
type fakeAPI struct {
	finder *shelf

	mu        sync.Mutex
	changed   *sync.Cond
	next      int
	convs     map[string]*fakeConv
	valid     map[string]string // token → conversation
	renewals  int
	told      map[string]int    // orders that are still to be carried out, by name
	epoch     int               // moves when every open stream is to be cut
	listening int               // streams of whole conversations
	posts     int               // messages that were taken as new
	typing    int               // times that a person was writing
	noted     int               // opinions that arrived
	reads     int               // times that a customer said how far they have read
	mailState string            // what becomes of a transcript
	claimed   map[string]string // tokens of before their customer was known → conversation
	claims    int               // times that a customer said who they are in mid-conversation
}

type fakeConv struct {
	id     string
	events []fakeEvent
	turns  map[string]bool // client_msg_id
	owner  string
	read   map[string]int // by side: the last event that it has read
}

type fakeEvent struct {
	seq  int
	kind string
	turn string
	body map[string]any
}

func newFakeAPI(finder *shelf) *fakeAPI {
	f := &fakeAPI{finder: finder, convs: map[string]*fakeConv{}, valid: map[string]string{}, told: map[string]int{}, claimed: map[string]string{}}
	f.changed = sync.NewCond(&f.mu)
	return f
}

func (f *fakeAPI) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/conversations", f.begin)
	mux.HandleFunc("GET /v1/conversations", f.mine)
	mux.HandleFunc("POST /v1/token", f.renew)
	mux.HandleFunc("POST /v1/conversations/{id}/messages", f.authed(f.messages))
	mux.HandleFunc("GET /v1/conversations/{id}/events", f.authed(f.events))
	mux.HandleFunc("POST /v1/conversations/{id}/identity", f.identify)
	mux.HandleFunc("POST /v1/conversations/{id}/human", f.authed(f.human))
	mux.HandleFunc("POST /v1/conversations/{id}/feedback", f.authed(f.feedback))
	mux.HandleFunc("POST /v1/conversations/{id}/rating", f.authed(f.feedback))
	mux.HandleFunc("POST /v1/conversations/{id}/typing", f.authed(func(w http.ResponseWriter, _ *http.Request, _ *fakeConv) { w.WriteHeader(http.StatusNoContent) }))
	mux.HandleFunc("POST /v1/conversations/{id}/read", f.authed(f.read))
	mux.HandleFunc("POST /v1/conversations/{id}/transcript", f.authed(f.transcript))
	mux.HandleFunc("POST /v1/conversations/{id}/wait", f.authed(f.wait))
	mux.HandleFunc("POST /control", f.control)
}

// order carries out one order of that name, if there is one left.
func (f *fakeAPI) order(name string) bool {
	if f.told[name] == 0 {
		return false
	}
	f.told[name]--
	return true
}

// control takes orders: {"do": name, "times": n}. Some happen at once.
func (f *fakeAPI) control(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do    string `json:"do"`
		Times int    `json:"times"`
		Text  string `json:"text"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer context.AfterFunc(r.Context(), f.changed.Broadcast)() // nobody is waited for in vain
	f.mu.Lock()
	defer f.mu.Unlock()
	switch in.Do {
	case "reset":
		f.told, f.noted, f.claims = map[string]int{}, 0, 0
		f.finder.partial = false
		f.finder.away.Store(false)
		f.finder.hours.Store(nil)
	case "listen": // once somebody listens to a conversation
		for f.listening == 0 && r.Context().Err() == nil {
			f.changed.Wait()
		}
	case "cut": // every stream breaks in the middle
		f.epoch++
	case "expire": // every token is over, and can be renewed
		over := map[string]string{} // a map that grows while it is gone through may show what was added
		for token, conversation := range f.valid {
			over["over "+token] = conversation
		}
		f.valid = over
		f.epoch++
	case "forget": // conversations and tokens are gone for good
		f.valid, f.convs = map[string]string{}, map[string]*fakeConv{}
		f.epoch++
	case "transcript":
		f.mailState = in.Text
	case "noted": // once so many opinions arrived
		for f.noted < in.Times && r.Context().Err() == nil {
			f.changed.Wait()
		}
	case "degrade":
		f.finder.partial = true
	case "away": // the database, say
		f.finder.away.Store(true)
	case "back":
		f.finder.away.Store(false)
	case "hours": // people are there, or not, for so many seconds more
		turn := time.Now().Add(time.Duration(in.Times) * time.Second)
		h := &settings.Hours{Open: in.Text == "open", Closes: &turn}
		if !h.Open {
			h.Opens, h.Closes = &turn, nil
		}
		f.finder.hours.Store(h)
	case "person": // somebody takes every conversation, and says something
		for _, c := range f.convs {
			c.owner = "agent"
			f.add(c, "owner", "", map[string]any{"owner": "agent", "name": "Mara", "reference": "K7QM-4T2P"})
			f.say(c, "", "agent", in.Text, map[string]any{"name": "Mara"})
		}
	case "typing": // a person is writing
		f.typing++
		f.changed.Broadcast()
	case "fill": // every conversation goes on for so many messages
		for _, c := range f.convs {
			for n := range in.Times {
				author := []string{"customer", "bot"}[n%2]
				f.say(c, "", author, fmt.Sprintf("Message %d: it takes **two or three** days, and the label is free.\n\n- one\n- two", n), nil)
			}
		}
	case "read": // a person has read everything
		for _, c := range f.convs {
			c.read["agent"] = len(c.events)
		}
	case "closed": // every case is closed, and the service asks how it was
		for _, c := range f.convs {
			c.owner = "bot"
			f.add(c, "owner", "", map[string]any{"owner": "bot"})
			f.say(c, "", "system", "How was it? Your rating of K7QM-4T2P helps us do better.", map[string]any{"rate": "01a20412-d950-78f1-8035-0de7dba37af9"})
		}
	default: // refuse, busy, hold, lose_receipt, cut_reply, pieces: carried out when their time comes
		f.told[in.Do] = in.Times
	}
	f.changed.Broadcast()
	_ = json.NewEncoder(w).Encode(map[string]int{"posts": f.posts, "renewals": f.renewals, "reads": f.reads, "claims": f.claims, "conversations": len(f.convs)})
}

func (f *fakeAPI) id(kind string) string {
	f.next++
	return fmt.Sprintf("%s-%d", kind, f.next)
}

func (f *fakeAPI) add(c *fakeConv, kind, turn string, body map[string]any) fakeEvent {
	e := fakeEvent{seq: len(c.events) + 1, kind: kind, turn: turn, body: body}
	c.events = append(c.events, e)
	f.changed.Broadcast()
	return e
}

func (f *fakeAPI) say(c *fakeConv, turn, author, text string, more map[string]any) {
	body := map[string]any{"id": f.id("m"), "author": author, "text": text, "at": time.Now().UTC().Format(time.RFC3339)}
	if turn != "" {
		body["turn"] = turn
	}
	for k, v := range more {
		body[k] = v
	}
	f.add(c, "message", turn, body)
}

func (f *fakeAPI) begin(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.order("refuse") {
		problem(w, http.StatusServiceUnavailable, "database_away", "The service cannot answer right now.", "1")
		return
	}
	if token := bearer(r); token != "" && f.valid[token] == "" {
		problem(w, http.StatusUnauthorized, "token_invalid", "This token is not valid.", "")
		return
	}
	c := &fakeConv{id: f.id("c"), turns: map[string]bool{}, owner: "bot", read: map[string]int{}}
	f.convs[c.id] = c
	token := f.id("token")
	f.valid[token] = c.id
	writeJSON(w, map[string]any{"conversation": c.id, "token": token})
}

func (f *fakeAPI) renew(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := bearer(r)
	conv, ok := f.valid[old]
	if !ok {
		conv, ok = f.valid["over "+old]
	}
	if !ok {
		problem(w, http.StatusUnauthorized, "token_expired", "This token cannot be renewed any more.", "")
		return
	}
	f.renewals++
	token := f.id("token")
	f.valid[token] = conv
	writeJSON(w, map[string]any{"token": token})
}

func (f *fakeAPI) authed(next func(http.ResponseWriter, *http.Request, *fakeConv)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		conv, ok := f.valid[bearer(r)]
		c := f.convs[r.PathValue("id")]
		busy := r.Method == http.MethodPost && ok && f.order("busy")
		f.mu.Unlock()
		switch {
		case !ok || conv == "":
			problem(w, http.StatusUnauthorized, "token_expired", "This token is over.", "")
		case busy:
			problem(w, http.StatusServiceUnavailable, "database_away", "The service cannot answer right now.", "1")
		case c == nil || c.id != conv:
			problem(w, http.StatusNotFound, "conversation_not_found", "There is no such conversation.", "")
		default:
			next(w, r, c)
		}
	}
}

// messages takes a message and streams its turn.
func (f *fakeAPI) messages(w http.ResponseWriter, r *http.Request, c *fakeConv) {
	var in struct {
		ID     string         `json:"client_msg_id"`
		Text   string         `json:"text"`
		Choice map[string]any `json:"choice"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.ID == "" {
		problem(w, http.StatusBadRequest, "body", "This body cannot be read.", "")
		return
	}
	if strings.Contains(in.Text, "REFUSE") {
		problem(w, http.StatusRequestEntityTooLarge, "text_too_long", "A message can be 8,000 characters long.", "")
		return
	}
	f.mu.Lock()
	if in.Choice != nil && f.order("forget_choices") {
		f.mu.Unlock()
		problem(w, http.StatusNotFound, "no_such_choice", "No message of ours offers that choice.", "")
		return
	}
	if !c.turns[in.ID] {
		c.turns[in.ID] = true
		f.posts++
		more := map[string]any{"client_msg_id": in.ID}
		if in.Choice != nil {
			more["choice"] = in.Choice
		}
		f.say(c, in.ID, "customer", in.Text, more)
		if f.order("lose_receipt") {
			go f.reply(c, in.ID, in.Text, nil)
			f.mu.Unlock()
			panic(http.ErrAbortHandler) // the connection ends; the message is in
		}
		cut := f.order("cut_reply")
		f.mu.Unlock()
		pieces := make(chan string, 100)
		go f.reply(c, in.ID, in.Text, pieces)
		f.stream(w, r, c, turnStream{turn: in.ID, pieces: pieces, cut: cut})
		return
	}
	f.mu.Unlock()
	f.stream(w, r, c, turnStream{turn: in.ID})
}

// reply ends a turn the way its words ask for.
func (f *fakeAPI) reply(c *fakeConv, turn, text string, pieces chan<- string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.told["hold"] > 0 {
		f.changed.Wait()
	}
	if c.owner != "bot" {
		f.add(c, "done", turn, map[string]any{"turn": turn, "outcome": "relayed"})
		return
	}
	found, _ := f.finder.Search(context.Background(), retrieval.Query{Text: text, K: 3}) // in memory: it cannot fail
	decision := map[string]any{"turn": turn, "action": "answer", "answerable": 0.9}
	if len(found.Degraded) > 0 {
		decision["degraded"] = found.Degraded
	}
	f.add(c, "decision", turn, decision)
	outcome := "answer"
	switch {
	case strings.Contains(text, "BREAK"):
		f.say(c, turn, "bot", "Something on our side failed. A person can help.", map[string]any{"offer_person": true})
		f.add(c, "error", turn, map[string]any{"turn": turn, "code": "search_failed", "text": "Something on our side failed."})
		return
	case strings.Contains(text, "MARKUP"):
		f.say(c, turn, "bot", hostile, map[string]any{"citations": []any{citation(found.Hits[0])}})
	case strings.Contains(text, "LONG"):
		var lines strings.Builder
		for n := range 300 {
			fmt.Fprintf(&lines, "%d. Step %d of three hundred\n", n+1, n+1)
		}
		lines.WriteString("\n`" + strings.Repeat("without-a-space-", 40) + "`\n")
		f.say(c, turn, "bot", lines.String(), map[string]any{"citations": []any{citation(found.Hits[0])}})
	case strings.Contains(text, "WHICH"):
		outcome = "clarify"
		choices := []any{}
		for _, h := range found.Hits {
			quote := strings.SplitN(h.Text, "\n", 2)[0]
			choices = append(choices, map[string]any{"article": h.ArticleID, "title": h.Title, "quote": quote, "generation": 1, "from": h.From, "to": h.From + len(quote)})
		}
		if strings.Contains(text, "TABLE") {
			choices[0] = map[string]any{"article": "x", "title": "Plans", "header": "| Plan | Price |", "quote": "| **Half** | £12 |", "generation": 1, "from": 0, "to": 18}
		}
		f.say(c, turn, "bot", "Which of these do you mean?", map[string]any{"choices": choices})
	case len(found.Hits) == 0:
		outcome = "none"
		f.say(c, turn, "bot", "I could not find this in our help pages. Would you like a person to answer?", map[string]any{"offer_person": true})
	default:
		if pieces != nil && f.order("pieces") {
			for _, word := range strings.SplitAfter(found.Hits[0].Text, " ") {
				select {
				case pieces <- word:
				default:
				}
			}
			f.changed.Broadcast()
			for f.told["hold_end"] > 0 {
				f.changed.Wait()
			}
		}
		f.say(c, turn, "bot", found.Hits[0].Text, map[string]any{"citations": []any{citation(found.Hits[0])}, "lang": found.Hits[0].Lang})
	}
	f.add(c, "done", turn, map[string]any{"turn": turn, "outcome": outcome})
}

// hostile is an answer that tries to be more than text.
const hostile = "<script>window.pwned = 1</script><img src=x onerror=\"window.pwned = 2\">\n\n" +
	"[press](javascript:window.pwned=3) [data](data:text/html,<script>window.pwned=4</script>) " +
	"[split](java\nscript:window.pwned=5) [far](//elsewhere.example/x) [plain](http://elsewhere.example/)\n\n" +
	"<a href=\"javascript:window.pwned=6\">raw</a> <svg onload=window.pwned=7> {{constructor.constructor('window.pwned=8')()}}\n\n" +
	"![pixel](https://elsewhere.example/pixel.png) <iframe src=\"https://elsewhere.example/\"></iframe> **bold** \u202eevil\u202c"

func citation(h retrieval.Hit) map[string]any {
	url := h.URL
	if url == "" {
		url = "/help/" + h.ArticleID
	}
	return map[string]any{"article": h.ArticleID, "title": h.Title, "url": url, "quote": h.Text, "generation": 1, "from": h.From, "to": h.To}
}

func (f *fakeAPI) human(w http.ResponseWriter, _ *http.Request, c *fakeConv) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.owner == "bot" {
		c.owner = "queue"
		f.say(c, "", "system", "I'm connecting you with a person at our service desk. Your reference is K7QM-4T2P.", nil)
		f.add(c, "owner", "", map[string]any{"owner": "queue", "queue": "service", "reference": "K7QM-4T2P", "position": 2})
	}
	writeJSON(w, map[string]any{"case": "case-1", "reference": "K7QM-4T2P", "queue": "service", "position": 2})
}

// identify gives a conversation to its customer: another token reaches it from
// then on. The same claim again is answered as it was.
func (f *fakeAPI) identify(w http.ResponseWriter, r *http.Request) {
	var in struct{ Identity string }
	err := json.NewDecoder(r.Body).Decode(&in)
	f.mu.Lock()
	defer f.mu.Unlock()
	old := bearer(r)
	c := f.convs[r.PathValue("id")]
	again := c != nil && f.claimed[old] == c.id
	switch {
	case err != nil || in.Identity == "":
		problem(w, http.StatusBadRequest, "body", "This body cannot be read.", "")
		return
	case c == nil || f.valid[old] != c.id && !again:
		problem(w, http.StatusNotFound, "no_such_conversation", "There is no such conversation.", "")
		return
	case f.order("late_identity"):
		problem(w, http.StatusUnauthorized, "identity_expired", "The identity has run out.", "")
		return
	case f.order("other_customer"):
		problem(w, http.StatusConflict, "other_customer", "This conversation belongs to another customer.", "")
		return
	}
	token := f.id("token")
	f.valid[token] = c.id
	if !again {
		f.claims++
		f.claimed[old], f.valid[old] = c.id, "another one"
		f.say(c, "", "system", "You are signed in now.", map[string]any{"signed_in": true})
	}
	if f.order("lose_claim") {
		panic(http.ErrAbortHandler) // the answer never arrives
	}
	writeJSON(w, map[string]any{"conversation": c.id, "token": token, "verified": true})
}

// wait does what a waiting customer does.
func (f *fakeAPI) wait(w http.ResponseWriter, r *http.Request, c *fakeConv) {
	var in struct{ Action, Contact string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		problem(w, http.StatusBadRequest, "body", "This body cannot be read.", "")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := map[string]any{"owner": "queue", "queue": "service", "reference": "K7QM-4T2P", "position": 2}
	switch in.Action {
	case "cancel":
		c.owner = "bot"
		f.add(c, "owner", "", map[string]any{"owner": "bot"})
		f.say(c, "", "system", "You are no longer waiting for a person.", nil)
	case "assistant":
		c.owner = "bot"
		waiting["owner"] = "bot"
		f.add(c, "owner", "", waiting)
	case "resume":
		c.owner = "queue"
		f.add(c, "owner", "", waiting)
	}
	if in.Contact != "" {
		f.say(c, "", "system", "Thank you. The answer will also reach you at "+in.Contact+".", nil)
	}
	writeJSON(w, map[string]any{"case": "case-1", "reference": "K7QM-4T2P", "owner": c.owner, "queue": "service", "position": 2})
}

// read notes how far the customer has read.
func (f *fakeAPI) read(w http.ResponseWriter, r *http.Request, c *fakeConv) {
	var in struct {
		Up int `json:"up"`
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || in.Up < 1 || in.Up > len(c.events) {
		problem(w, http.StatusBadRequest, "up", "Say up: the id of an event of this conversation.", "")
		return
	}
	f.reads++
	c.read["customer"] = max(c.read["customer"], in.Up)
	f.changed.Broadcast()
	w.WriteHeader(http.StatusNoContent)
}

// transcript does with a conversation what it was told to.
func (f *fakeAPI) transcript(w http.ResponseWriter, _ *http.Request, _ *fakeConv) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.mailState {
	case "away":
		problem(w, http.StatusServiceUnavailable, "database_away", "The service cannot answer right now.", "1")
	case "no_address":
		writeJSON(w, map[string]any{"state": f.mailState})
	default:
		writeJSON(w, map[string]any{"state": f.mailState, "address": "ada@shop.example"})
	}
}

// mine lists a visitor's conversations; here every token is one visitor's.
func (f *fakeAPI) mine(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []map[string]any{}
	if c := f.convs[f.valid[bearer(r)]]; c != nil {
		for _, e := range c.events {
			if e.kind == "message" && e.body["author"] == "customer" {
				list = append(list, map[string]any{"conversation": c.id, "at": e.body["at"], "text": e.body["text"], "owner": c.owner})
				break
			}
		}
	}
	writeJSON(w, map[string]any{"conversations": list})
}

// feedback counts what was said by whoever still waited to hear that it was noted.
func (f *fakeAPI) feedback(w http.ResponseWriter, r *http.Request, _ *fakeConv) {
	_, _ = io.Copy(io.Discard, r.Body) // who goes away is noticed once all is read
	f.mu.Lock()
	for f.told["hold"] > 0 {
		f.changed.Wait()
	}
	if r.Context().Err() == nil {
		f.noted++
	}
	f.changed.Broadcast()
	f.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func problem(w http.ResponseWriter, status int, code, detail, retryAfter string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "detail": detail})
}
