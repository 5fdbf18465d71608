package files

import (
	"time"

	"frontdesk/internal/fault"
)

// What is refused, in words for whoever sent it; the codes are public and stable.
var (
	ErrEmpty    = fault.New(fault.Invalid, "file_empty", "The file is empty.")
	ErrUpload   = fault.New(fault.Invalid, "file_upload", "X-File-Upload has to be 1 to 64 printable ASCII characters, made anew for each file; it goes with Content-Range.")
	ErrRange    = fault.New(fault.Invalid, "file_range", "Content-Range has to say where the piece lies: bytes FROM-TO/TOTAL, as long as the body.")
	ErrPiece    = fault.New(fault.TooLarge, "file_piece", "A piece may have 512 KiB. Send the file in pieces with Content-Range and X-File-Upload.")
	ErrTooLarge = fault.New(fault.TooLarge, "file_too_large", "Files may have up to 10 MB. Please send a smaller one.")
	ErrChanged  = fault.New(fault.Conflict, "file_changed", "These pieces are of files of different sizes. Begin anew with another X-File-Upload.")

	ErrHEIC    = fault.New(fault.Unsupported, "file_heic", "This photo is HEIC or AVIF, which cannot be shown here. Please send it as JPEG: a screenshot of it will do, or set the camera to “Most compatible”.")
	ErrSVG     = fault.New(fault.Unsupported, "file_svg", "SVG drawings are not taken, since they may hold programs. Please send it as PNG or JPEG; a screenshot will do.")
	ErrArchive = fault.New(fault.Unsupported, "file_archive", "Archives and office documents are not taken. Please send pictures one by one, and documents as PDF.")
	ErrFilm    = fault.New(fault.Unsupported, "file_film", "Films and recordings are not taken. Please send photos, or a link to the film.")
	ErrKind    = fault.New(fault.Unsupported, "file_kind", "This kind of file is not taken. Please send a picture (JPEG, PNG, GIF, WebP), a PDF or plain text.")
	ErrText    = fault.New(fault.Unsupported, "file_text", "This text is not in Unicode. Please save it as UTF-8 and send it again.")
	ErrBroken  = fault.New(fault.Invalid, "file_broken", "This file is damaged or not what it seems. Please save it anew, or send a screenshot of it.")
	ErrPixels  = fault.New(fault.TooLarge, "file_pixels", "This picture has too many pixels to be looked at here. Please send it at half its size, or a screenshot of it.")

	ErrFull    = fault.New(fault.Conflict, "files_full", "This conversation holds as many files as it can: 20, or 50 MB. Please describe the rest in words.")
	ErrToday   = fault.New(fault.RateLimited, "files_today", "That is as many files as can be sent in a day. Please describe the rest in words, or come back tomorrow.").After(time.Hour)
	ErrBlocked = fault.New(fault.Forbidden, "blocked", "We cannot take files from you. Please contact us in another way.")
	ErrMany    = fault.New(fault.Invalid, "files_many", "A message may have up to five files. Please send the others with another message.")
	ErrNoFile  = fault.New(fault.NotFound, "no_such_file", "There is no such file in this conversation. It may have been removed; please send it again.")
	ErrBusy    = fault.New(fault.Unavailable, "files_busy", "Too many files are being checked right now. Please send it again in a moment.").After(2 * time.Second)
)
