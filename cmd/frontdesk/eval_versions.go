package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"

	"frontdesk"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/words"
)

// versionsOf names what decides beside the cases: the knowledge by its hash, the
// encoders, the way words are cut, and each folder of the product whose weights,
// phrases and tables are built in, by the hash of all of these.
func versionsOf(articles []retrieval.Article) (map[string]string, error) {
	out := map[string]string{"knowledge": knowledgeHash(articles), "encoders": embed.PrivateModel + " " + embed.PrivateEnglish, "words": fmt.Sprint(words.Version)}
	folders := map[string][]byte{} // names and hashes of the files, in their order
	err := fs.WalkDir(frontdesk.Decides, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := frontdesk.Decides.ReadFile(file)
		if err != nil {
			return err
		}
		of := path.Dir(file)
		folders[of] = fmt.Appendf(folders[of], "%s %x\n", file, sha256.Sum256(data))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the versions of what decides: %w", err)
	}
	for of, list := range folders {
		sum := sha256.Sum256(list)
		out[of] = hex.EncodeToString(sum[:8])
	}
	return out, nil
}
