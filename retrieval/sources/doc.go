// Package sources reads a site's knowledge from files: Markdown articles with
// optional YAML front matter (.md, .markdown, .mdx) and FAQ lists (.jsonl,
// .csv), into retrieval.Article values.
//
// Words: a root is a path that was asked for, a file or a folder; an entry is
// one article of a FAQ list; a problem is something wrong with a file, said by
// name and line together with what to do about it. A warning is a problem
// whose article went in nevertheless, without the value that was wrong.
//
// Invariants:
//   - the same files give the same articles in the same order: roots as given,
//     files by their slash-separated path within a root, entries by line;
//   - ids are unique in a Result; of two articles with one id the first stays;
//   - Body is valid UTF-8 without NUL or BOM, with LF line ends, and holds at
//     least one letter or digit. Site builders' notation that is not meant for
//     readers (HTML comments, kramdown attribute lists, GitBook and Jekyll tag
//     lines, MDX imports, exports and component tags) is not in it, code
//     excepted: what is stored is what may be quoted;
//   - nothing is guessed: a file in another encoding, a doubtful audience or
//     front matter that does not parse leaves the article out, loudly.
//
// When a part fails: a bad file, line or row becomes a Problem and the rest goes
// in. Walk itself fails only where going on would mislead: a root that does not
// exist (an ingest would retire what it cannot see) or a cancelled context.
package sources
