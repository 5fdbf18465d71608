package chatapi

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/files"
	"frontdesk/internal/web"
)

type uploadResponse struct {
	Received int64 `json:"received"` // go on with this byte
}

// postFile takes a piece of a file, or a whole one. What is not the next piece
// changes nothing: the answer says where to go on.
func (a *API) postFile(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	part, err := web.ReadFilePart(c)
	if err != nil {
		return err
	}
	taken, err := a.Files.Take(c.UserContext(), files.Piece{
		Key: v.key, Visitor: v.visitor, By: files.ByVisitor, Name: bot.MaskCards(files.HeaderName(part.Name)),
		Upload: part.Upload, From: part.From, Total: part.Total, Bytes: part.Bytes,
	})
	if err != nil {
		return err
	}
	switch {
	case taken.File == nil:
		return c.Status(fiber.StatusAccepted).JSON(uploadResponse{taken.Received})
	case taken.Repeat:
		return c.JSON(taken.File)
	default:
		web.Note(c, "file", taken.File.ID)
		return c.Status(fiber.StatusCreated).JSON(taken.File)
	}
}

// getFile gives a file out that the visitor sent, or was sent.
func (a *API) getFile(c *fiber.Ctx, v visit) error {
	id, err := uuid.Parse(c.Params("file"))
	if err != nil {
		return files.ErrNoFile
	}
	if _, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor); err != nil {
		return err
	}
	r, err := a.Files.Open(c.UserContext(), v.key, id, files.ByVisitor, c.Query("size") == "small")
	if err != nil {
		return err
	}
	return a.App.SendFile(c, web.Sending{Name: r.Name, Type: r.Type, Size: r.Size, ETag: r.ETag, Inline: r.Inline, Source: r})
}
