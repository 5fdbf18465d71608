package evals

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/retrieval"
)

// readFrozenArticles reads a frozen business's articles. Twelve of cabinet's
// have a colon in an unquoted title, which an ingest refuses, and what is
// frozen cannot be mended: they are read from a copy in which titles are
// quoted. In any other business such a title is an error.
func readFrozenArticles(ctx context.Context, folder string, read ArticleReader) (list []retrieval.Article, err error) {
	tmp, err := os.MkdirTemp("", "frontdesk-corpus-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(tmp, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(tmp, rel), []byte(quoteTitle(string(data))), 0o644)
	})
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", folder, err)
	}
	return read(ctx, tmp)
}

// quoteTitle puts the front matter's title into quotation marks where a colon
// would break it; everything else stays byte for byte.
func quoteTitle(text string) string {
	lines := strings.Split(text, "\n")
	if lines[0] != "---" {
		return text
	}
	for i, line := range lines[1:] {
		if line == "---" {
			break
		}
		title, ok := strings.CutPrefix(line, "title: ")
		if ok && strings.Contains(title, ": ") && !strings.ContainsAny(title[:1], `"'`) {
			lines[i+1] = "title: '" + strings.ReplaceAll(title, "'", "''") + "'"
		}
	}
	return strings.Join(lines, "\n")
}
