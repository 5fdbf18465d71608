package console

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	sent "frontdesk/bot/files"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

// filer takes files in and gives them out; *files.Service is the one
// implementation.
type filer interface {
	Take(ctx context.Context, p sent.Piece) (sent.Taken, error)
	Open(ctx context.Context, key convo.Key, id convo.ID, reader sent.Side, small bool) (*sent.Reading, error)
}

// postFile takes a piece of a file for a case's customer, or a whole one: checked
// as theirs are. It goes to them with the reply that names it.
func (c *Console) postFile(ctx *fiber.Ctx) error {
	if !actorOf(ctx).Works() {
		return handoff.ErrForbidden
	}
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	part, err := web.ReadFilePart(ctx)
	if err != nil {
		return err
	}
	taken, err := c.Files.Take(ctx.UserContext(), sent.Piece{
		Key: found.Conversation, By: sent.ByAgent, Name: sent.HeaderName(part.Name),
		Upload: part.Upload, From: part.From, Total: part.Total, Bytes: part.Bytes,
	})
	if err != nil {
		return err
	}
	switch {
	case taken.File == nil:
		return ctx.Status(fiber.StatusAccepted).JSON(fiber.Map{"received": taken.Received})
	case taken.Repeat:
		return ctx.JSON(taken.File)
	default:
		web.Note(ctx, "file", taken.File.ID)
		return ctx.Status(fiber.StatusCreated).JSON(taken.File)
	}
}

// getFile gives out what the customer sent with a message, and what the desk put
// in, to whoever reads the case.
func (c *Console) getFile(ctx *fiber.Ctx) error {
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	return c.sendFile(ctx, found.Conversation)
}

// sendFile gives out the file of the address, of a conversation that may be read.
func (c *Console) sendFile(ctx *fiber.Ctx, key convo.Key) error {
	id, err := uuid.Parse(ctx.Params("file"))
	if err != nil {
		return sent.ErrNoFile
	}
	r, err := c.Files.Open(ctx.UserContext(), key, id, sent.ByAgent, ctx.Query("size") == "small")
	if err != nil {
		return err
	}
	return c.App.SendFile(ctx, web.Sending{Name: r.Name, Type: r.Type, Size: r.Size, ETag: r.ETag, Inline: r.Inline, Source: r})
}
