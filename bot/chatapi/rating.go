package chatapi

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

// ratings is what customers say of a closed case, and what links in mails do.
type ratings interface {
	Rate(ctx context.Context, key convo.Key, visitor, id convo.ID, r handoff.Rating) error
	// Link reads what a link is for and changes nothing.
	Link(ctx context.Context, code string) (handoff.MailLink, error)
	Confirm(ctx context.Context, code string) error
	RateByLink(ctx context.Context, code string, r handoff.Rating) error
}

// noRatings is where nobody asks.
type noRatings struct{}

func (noRatings) Rate(context.Context, convo.Key, convo.ID, convo.ID, handoff.Rating) error {
	return handoff.ErrNotAsked
}

func (noRatings) Link(context.Context, string) (handoff.MailLink, error) {
	return handoff.MailLink{}, handoff.ErrLink
}
func (noRatings) Confirm(context.Context, string) error { return handoff.ErrLink }

func (noRatings) RateByLink(context.Context, string, handoff.Rating) error { return handoff.ErrLink }

type ratingRequest struct {
	Case         string `json:"case"`         // empty: the newest that was asked about
	Satisfaction int    `json:"satisfaction"` // 1 to 5; 0: not said
	Ease         int    `json:"ease"`         // likewise
	Comment      string `json:"comment"`
}

// postRating keeps what a customer says on the page of how it was. A later word
// adds to an earlier one.
func (a *API) postRating(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req ratingRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	var id convo.ID
	if req.Case != "" {
		var err error
		if id, err = uuid.Parse(req.Case); err != nil {
			return handoff.ErrNotAsked
		}
	}
	if !storable(req.Comment) {
		return errComment
	}
	err := a.Ratings.Rate(c.UserContext(), v.key, v.visitor, id, handoff.Rating{
		Satisfaction: req.Satisfaction, Ease: req.Ease, Comment: bot.MaskCards(req.Comment),
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
