package chatapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

//go:embed mailpage.html
var mailPageHTML string

//go:embed mailpage.css
var mailPageCSS string

//go:embed mailpage.json
var mailPageJSON []byte

// mailPages are the pages behind links in mails: what a link is for, and a
// button. Opening one changes nothing, whoever opens it: mail readers and
// scanners open links by themselves.
type mailPages struct {
	page   *template.Template
	words  map[string]mailWords
	policy string
}

type mailWords struct {
	Confirm   string   `json:"confirm"` // {address}, {site}
	Yes       string   `json:"yes"`
	Confirmed string   `json:"confirmed"`
	Rate      string   `json:"rate"` // {reference}, {site}
	Happy     string   `json:"happy"`
	Easy      string   `json:"easy"`
	Scores    []string `json:"scores"` // 1 to 5, of being happy
	Hard      string   `json:"hard"`   // 1 of effort
	Simple    string   `json:"simple"` // 5 of effort
	Comment   string   `json:"comment"`
	Send      string   `json:"send"`
	Thanks    string   `json:"thanks"`
	Invalid   string   `json:"invalid"`
	Trouble   string   `json:"trouble"`
}

func newMailPages() (*mailPages, error) {
	m := &mailPages{}
	if err := json.Unmarshal(mailPageJSON, &m.words); err != nil {
		return nil, fmt.Errorf("the pages of mails: %w", err)
	}
	for lang, w := range m.words {
		if len(w.Scores) != handoff.BestScore || w.Confirm == "" || w.Rate == "" || w.Invalid == "" {
			return nil, fmt.Errorf("the pages of mails: %q is not whole", lang)
		}
	}
	var err error
	if m.page, err = template.New("mail").Parse(mailPageHTML); err != nil {
		return nil, fmt.Errorf("the pages of mails: %w", err)
	}
	sum := sha256.Sum256([]byte(mailPageCSS))
	m.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return m, nil
}

func (m *mailPages) in(lang string) (mailWords, string) {
	p, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if w, ok := m.words[p]; ok {
		return w, p
	}
	return m.words["en"], "en"
}

// mailPage is what the page is filled with.
type mailPage struct {
	Lang, Dir string
	CSS       template.CSS
	Words     mailWords
	Title     string
	Confirm   bool
	Rating    bool
	Score     int
	Scores    []mailScore
}

type mailScore struct {
	N       int
	Label   string
	Checked bool
}

func (m *mailPages) write(c *fiber.Ctx, status int, lang string, fill func(p *mailPage)) error {
	p := mailPage{Dir: "ltr", CSS: template.CSS(mailPageCSS)}
	p.Words, p.Lang = m.in(lang)
	if p.Lang == "ar" {
		p.Dir = "rtl"
	}
	fill(&p)
	var b bytes.Buffer
	if err := m.page.Execute(&b, p); err != nil {
		return fmt.Errorf("write the page of a mail: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentSecurityPolicy, m.policy)
	c.Set("X-Robots-Tag", "noindex")
	return c.Status(status).Send(b.Bytes())
}

// getMailPage shows what a link is for.
func (a *API) getMailPage(c *fiber.Ctx) error {
	l, err := a.Ratings.Link(c.UserContext(), strings.Clone(c.Params("id")))
	if err != nil {
		return a.mailTrouble(c, err)
	}
	score, _ := strconv.Atoi(c.Query("score"))
	return a.mail.write(c, fiber.StatusOK, l.Language, func(p *mailPage) { p.show(l, score) })
}

func (p *mailPage) show(l handoff.MailLink, score int) {
	fill := strings.NewReplacer("{address}", l.Address, "{site}", l.SiteName, "{reference}", l.Reference).Replace
	if l.Purpose == handoff.MailConfirm {
		p.Title = p.Words.Confirmed
		if !l.Used {
			p.Title, p.Confirm = fill(p.Words.Confirm), true
		}
		return
	}
	p.Title, p.Rating, p.Score = fill(p.Words.Rate), true, score
	for i, label := range p.Words.Scores {
		p.Scores = append(p.Scores, mailScore{N: i + 1, Label: label, Checked: i+1 == score})
	}
}

// postMailPage does what the button says.
func (a *API) postMailPage(c *fiber.Ctx) error {
	code := strings.Clone(c.Params("id"))
	l, err := a.Ratings.Link(c.UserContext(), code)
	if err != nil {
		return a.mailTrouble(c, err)
	}
	said := ""
	switch l.Purpose {
	case handoff.MailConfirm:
		said = "confirmed"
		if !l.Used { // pressed twice is pressed once
			err = a.Ratings.Confirm(c.UserContext(), code)
		}
	default:
		var r handoff.Rating
		if r, err = readRating(c); err == nil {
			err = a.Ratings.RateByLink(c.UserContext(), code, r)
		}
	}
	if err != nil {
		return a.mailTrouble(c, err)
	}
	return a.mail.write(c, fiber.StatusOK, l.Language, func(p *mailPage) {
		p.Title = p.Words.Thanks
		if said != "" {
			p.Title = p.Words.Confirmed
		}
	})
}

func readRating(c *fiber.Ctx) (r handoff.Rating, err error) {
	if len(c.Request().Body()) > web.MaxBody {
		return r, fault.New(fault.TooLarge, "body_too_large", "That is too long.")
	}
	for name, to := range map[string]*int{"satisfaction": &r.Satisfaction, "ease": &r.Ease} {
		if v := c.FormValue(name); v != "" {
			if *to, err = strconv.Atoi(v); err != nil {
				return r, handoff.ErrScore
			}
		}
	}
	r.Comment = bot.MaskCards(strings.ToValidUTF8(strings.Clone(c.FormValue("comment")), ""))
	return r, r.Check()
}

// mailTrouble says on a page what did not work.
func (a *API) mailTrouble(c *fiber.Ctx, err error) error {
	status := web.Status(fault.KindOf(err))
	if status >= fiber.StatusInternalServerError {
		a.Log.Error("the page of a mail failed", "request", web.RequestID(c), "status", status, "cause", err.Error())
	}
	lang := strings.Clone(c.AcceptsLanguages("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"))
	return a.mail.write(c, status, lang, func(p *mailPage) {
		p.Title = p.Words.Invalid
		if status >= fiber.StatusInternalServerError || status == fiber.StatusTooManyRequests {
			p.Title = p.Words.Trouble
		}
	})
}
