package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"frontdesk/widget/pgsettings"
	"frontdesk/widget/settings"
)

const widgetHelp = `A site's widget and help pages: colour, words, topics, places, rules.

The settings are one JSON object; what is left out has its default:
  name, accent (#rrggbb), theme (auto, light, dark), corner (right, left), offset {x, y}, logo,
  tokens {font, text, line, target, radius_control, radius_panel, radius_launcher, width, height, accent_dark},
  words {language: {title, greeting, launcher, placeholder, help}},
  topics [{topic, label {language: text}, articles [ids]}] (at most six; none: suggested),
  languages, hidden (pages without a launcher), origins (pages that may show it),
  help {domain, path}, home, privacy,
  proactive {on, per_day, per_visitor, rules [{id, off, say {language: text}, ask, when {pages,
    seconds, cart_above, search_failed, error, visits, languages, people}}]}`

func newSiteWidgetCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "widget", Short: "A site's widget and help pages: show, set", Long: widgetHelp}
	c.AddCommand(newWidgetShowCommand(a), newWidgetSetCommand(a))
	return c
}

func newWidgetShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show SITE", Short: "Print the settings as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withChoices(cmd.Context(), func(_ *store, choices *pgsettings.Store) error {
				s, err := siteChoices(cmd.Context(), choices, args[0])
				if err != nil {
					return err
				}
				return printIndented(a.stdout, s.Settings)
			})
		},
	}
}

func newWidgetSetCommand(a *app) *cobra.Command {
	var merge bool
	var logo string
	c := &cobra.Command{
		Use: "set SITE [FILE]", Short: "Put JSON of a file, or of standard input (-), in the place of the settings", Args: cobra.RangeArgs(1, 2),
		Long: widgetHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := a.widgetInput(args[1:], logo != "")
			if err != nil {
				return err
			}
			picture, err := pictureFile(logo)
			if err != nil {
				return usageError{err}
			}
			return a.withChoices(cmd.Context(), func(_ *store, choices *pgsettings.Store) error {
				version, err := choices.Change(cmd.Context(), args[0], func(was settings.Settings) (settings.Settings, error) {
					return changeWidget(was, raw, picture, merge || len(args) == 1)
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s: version %d\n", args[0], version)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&merge, "merge", false, "change the keys that are named, and leave the others; null takes one away")
	c.Flags().StringVar(&logo, "logo", "", "a PNG, JPEG or WebP picture of at most 64 KiB to show as the logo")
	return c
}

// widgetInput is the JSON that is to be set; with a logo there may be none.
func (a *app) widgetInput(args []string, logo bool) ([]byte, error) {
	switch {
	case len(args) == 0 && logo:
		return []byte("{}"), nil
	case len(args) == 0 || args[0] == "-":
		return io.ReadAll(io.LimitReader(a.stdin, 1<<20))
	default:
		return os.ReadFile(args[0])
	}
}

// pictureFile is a file as a data: URL; "" for none.
func pictureFile(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	url := "data:" + http.DetectContentType(b) + ";base64," + base64.StdEncoding.EncodeToString(b)
	_, _, err = settings.Picture(url)
	return url, plain(err)
}

// changeWidget puts new settings in the place of the old ones, or changes the
// keys that are named.
func changeWidget(was settings.Settings, raw []byte, logo string, merge bool) (settings.Settings, error) {
	if merge {
		old, err := json.Marshal(was)
		if err != nil {
			return was, err
		}
		changes := map[string]json.RawMessage{}
		if err := json.Unmarshal(raw, &changes); err != nil {
			return was, fmt.Errorf("the changes are no JSON object: %w", err)
		}
		if raw, err = changeSettings(old, changes); err != nil {
			return was, err
		}
		if v, named := changes["origins"]; named && string(v) == "null" {
			was.Origins = []string{} // else nothing would be changed
		}
	}
	next, err := settings.Parse(raw)
	if err != nil {
		return was, err
	}
	if logo != "" {
		next.Logo = logo
	}
	if next.Origins == nil && merge && was.Origins != nil && len(was.Origins) == 0 {
		next.Origins = was.Origins
	}
	return next, nil
}

// withChoices runs a command on the widget's settings.
func (a *app) withChoices(ctx context.Context, f func(*store, *pgsettings.Store) error) error {
	return a.withStore(ctx, func(st *store) error {
		choices, err := pgsettings.New(st.pool, a.now)
		if err != nil {
			return err
		}
		return f(st, choices)
	})
}

func siteChoices(ctx context.Context, choices *pgsettings.Store, name string) (settings.Site, error) {
	all, err := choices.All(ctx)
	if err != nil {
		return settings.Site{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return settings.Site{}, settings.ErrNoSite
}

func printIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
