// Package files says what a file is that customers and agents may send each
// other, checks it, and makes of it what is kept.
//
// Words: an upload is a file on its way, in pieces; it is kept once it is whole
// and was checked; it is attached once a message went with it. A kind is what a
// file is by its bytes. A small picture is a picture at 640 pixels at most, for
// lists and conversations.
//
// What is taken: pictures (PNG, JPEG, GIF, WebP), PDF and plain text with CSV.
// That is what shops are sent: photos of a defect, screenshots, invoices, logs,
// lists of articles. Not taken, each refused in words that say what to send
// instead: archives and office documents (a ZIP hides anything, and grows), SVG
// (a program that draws), HEIC and AVIF (nothing here can read them, and most
// browsers cannot show them), film and sound (they say where they were taken,
// and cannot be cleaned without a codec).
//
// Invariants:
//   - what a file is told by its bytes alone; its name and the type its sender
//     claims decide nothing but which of two harmless endings a text gets;
//   - a picture is measured before it is decoded, and what is kept of it is
//     encoded anew here: nothing of the sender's bytes is in it, so neither where
//     it was taken nor anything that another program would read as a program;
//   - a name is one path part without marks that turn or hide text, its ending is
//     that of what the file is, and what its sender called it is not kept;
//   - the same bytes sent twice by one side of a conversation are one file;
//   - a file that no message went with is gone after a day.
//
// Memory: a piece is 512 KiB at most; a whole file of 10 MB stands in memory only
// while it is checked, eight of them at a time, and what decoding needs beyond
// that is counted beforehand and bounded for the whole process.
//
// Nothing here looks for malware: a PDF is passed on as it is, served so that a
// browser saves and never opens it. A shop that needs more puts a scanner
// between; Store's Keep is the place.
//
// When a part fails: without the database nothing is taken, and the answer says
// when to try again; an upload that was cut goes on at the byte it had reached; a
// file that is refused leaves nothing behind.
//
// Decision: uploads in pieces. The server reads a request whole before anything
// looks at it, and cuts one that takes longer than ten seconds; ten megabytes at
// once would be ten megabytes for anybody who asks, and a photo over a slow line
// would never arrive. Pieces cost a round trip each (a photo of 3 MB has six) and
// give progress that is true and uploads that survive a tunnel.
//
// Decision: JPEG is encoded at quality 88, which no eye tells from the original;
// colour profiles go with the rest of the metadata, so that a photo in Display P3
// looks a little paler.
package files
