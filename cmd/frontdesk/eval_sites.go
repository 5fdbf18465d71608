package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/retrieval"
)

// Kinds of sites that measurements make for themselves and remove again.
const (
	runSite    = "eval"
	shadowSite = "shadow"
)

// siteClass is the first half of the advisory locks that say such a site is
// somebody's; the second half is of its name.
const siteClass = 0x66645f65

// addOwnSite makes a site of a measurement's own. It is somebody's for as long as
// this process lives: letGo says that it is gone.
func addOwnSite(ctx context.Context, st *store, kind string) (site retrieval.Site, letGo func(), err error) {
	name := "frontdesk-" + kind + "-" + strconv.FormatInt(time.Now().Unix(), 36) + "-" + strconv.FormatUint(rand.Uint64(), 36)
	ours, letGo, err := holdSite(ctx, st, name)
	if err != nil {
		return site, nil, err
	}
	if ours {
		// Never the default one, which the first site of a database else is.
		if _, err = st.pool.Exec(ctx, `INSERT INTO sites (name, is_default) VALUES ($1, false)`, name); err == nil {
			if site, err = st.Site(ctx, name); err == nil {
				return site, letGo, nil
			}
		}
	} else {
		err = fmt.Errorf("somebody else has the site %s", name) // two of 2^64
	}
	letGo()
	return site, nil, err
}

// holdSite takes the lock of a site's name on a connection of its own, which the
// end of this process ends; ours is false where another one has it.
func holdSite(ctx context.Context, st *store, name string) (ours bool, letGo func(), err error) {
	conn, err := pgx.ConnectConfig(ctx, st.pool.Config().ConnConfig.Copy())
	if err != nil {
		return false, nil, err
	}
	letGo = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(ctx) // ended from this side in any case
	}
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1::int, hashtext($2))`, siteClass, name).Scan(&ours); err != nil {
		letGo()
		return false, nil, err
	}
	return ours, letGo, nil
}

// removeLeftSites removes sites of measurements that were killed: words may still
// be in them.
func removeLeftSites(ctx context.Context, st *store) error {
	own := regexp.MustCompile(`^frontdesk-(` + runSite + `|` + shadowSite + `)-[0-9a-z]{6,8}-[0-9a-z]{1,13}$`)
	sites, err := st.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if !own.MatchString(s.Name) {
			continue
		}
		left, letGo, err := holdSite(ctx, st, s.Name)
		if err != nil {
			return err
		}
		if left {
			err = removeCopy(ctx, st, s.ID)
		}
		letGo()
		if err != nil && !errors.Is(err, retrieval.ErrNoSite) {
			return err
		}
	}
	return nil
}
