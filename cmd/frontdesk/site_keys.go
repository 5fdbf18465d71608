package main

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"frontdesk/bot"
)

func newSiteKeyCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "key", Short: "Keys that the shop's own server signs identities with: add, list, remove",
		Long: `Keys that the shop's own server signs identities with, see docs/identity.md.

To change a key: add a second one, have the server sign with it (its kid), and
remove the old one when the last identity signed with it has run out.`,
	}
	c.AddCommand(newSiteKeyAddCommand(a), newSiteKeyListCommand(a), newSiteKeyRemoveCommand(a))
	return c
}

// maxKeys of a site: two while one takes the other's place, and some to spare.
const maxKeys = 10

func newSiteKeyAddCommand(a *app) *cobra.Command {
	var kid, public string
	c := &cobra.Command{
		Use: "add SITE", Short: "Add a key; a secret is told once, and never again", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := newIdentityKey(kid, public)
			if err != nil {
				return usageError{err}
			}
			err = a.changeKeys(cmd, args[0], func(keys []bot.IdentityKey) ([]bot.IdentityKey, error) {
				if slices.ContainsFunc(keys, func(k bot.IdentityKey) bool { return k.KID == key.KID }) {
					return nil, fmt.Errorf("there is a key %s already", key.KID)
				}
				if len(keys) >= maxKeys {
					return nil, fmt.Errorf("there are %d keys already: remove one", len(keys))
				}
				return append(keys, key), nil
			})
			if err != nil {
				return err
			}
			out := map[string]string{"site": args[0], "kid": key.KID, "alg": key.Alg}
			if key.Alg == "HS256" {
				out["key"] = key.Key
			}
			return a.printJSON(out)
		},
	}
	c.Flags().StringVar(&kid, "kid", "", "its name (default: a new one)")
	c.Flags().StringVar(&public, "public", "", "an Ed25519 public key, 32 bytes in base64: identities are then signed with EdDSA, and the secret stays with the shop (default: a new secret for HS256)")
	return c
}

func newIdentityKey(kid, public string) (bot.IdentityKey, error) {
	var fresh [36]byte
	_, _ = rand.Read(fresh[:]) // never fails: it ends the process instead
	kid = cmp.Or(kid, hex.EncodeToString(fresh[:4]))
	if len(kid) > 40 {
		return bot.IdentityKey{}, fmt.Errorf("--kid has at most 40 characters")
	}
	if public == "" {
		return bot.IdentityKey{KID: kid, Alg: "HS256", Key: base64.StdEncoding.EncodeToString(fresh[4:])}, nil
	}
	raw, err := base64.StdEncoding.DecodeString(public)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return bot.IdentityKey{}, fmt.Errorf("--public is no Ed25519 public key: it takes 32 bytes in base64")
	}
	return bot.IdentityKey{KID: kid, Alg: "EdDSA", Key: public}, nil
}

func newSiteKeyListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list SITE", Short: "List the keys by their names; secrets stay unsaid", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(st *store) error {
				site, err := st.Site(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				s, err := bot.ParseSettings(site.Settings)
				if err != nil {
					return err
				}
				for _, k := range s.IdentityKeys {
					if err := a.printJSON(map[string]string{"kid": k.KID, "alg": k.Alg}); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func newSiteKeyRemoveCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "remove SITE KID", Short: "Remove a key: what it signed is refused from then on", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeKeys(cmd, args[0], func(keys []bot.IdentityKey) ([]bot.IdentityKey, error) {
				left := slices.DeleteFunc(slices.Clone(keys), func(k bot.IdentityKey) bool { return k.KID == args[1] })
				if len(left) == len(keys) {
					return nil, fmt.Errorf("there is no key %s", args[1])
				}
				return left, nil
			})
		},
	}
}

// changeKeys changes a site's keys under the lock of its settings.
func (a *app) changeKeys(cmd *cobra.Command, site string, change func([]bot.IdentityKey) ([]bot.IdentityKey, error)) error {
	return a.withStore(cmd.Context(), func(st *store) error {
		return st.UpdateSettings(cmd.Context(), site, func(old json.RawMessage) (json.RawMessage, error) {
			s, err := bot.ParseSettings(old)
			if err != nil {
				return nil, err
			}
			keys, err := change(s.IdentityKeys)
			if err != nil {
				return nil, err
			}
			list, err := json.Marshal(keys)
			if err != nil {
				return nil, err
			}
			return changeSettings(old, map[string]json.RawMessage{"identity_keys": list})
		})
	})
}
