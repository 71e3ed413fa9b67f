// Blood bank: racks of sample tubes arrive by scanner, tubes are looked up by their code.
package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"go.etcd.io/bbolt"
)

var (
	tubesBucket  = []byte("tubes")
	racksBucket  = []byte("racks")
	errUnknown   = errors.New("unknown")
	errBadColumn = errors.New("a rack has columns 1 to 12")
)

type Tube struct {
	Code   string    `json:"code"`
	Rack   uint64    `json:"rack"`
	Row    string    `json:"row"`
	Column int       `json:"column"`
	Group  string    `json:"group"`
	Seen   time.Time `json:"seen"`
}

type Rack struct {
	ID     uint64 `json:"id"`
	Fridge string `json:"fridge"`
	Tubes  int    `json:"tubes"`
}

type Scan struct {
	Fridge string `json:"fridge"`
	Tubes  []struct {
		Code   string `json:"code"`
		Row    string `json:"row"`
		Column int    `json:"column"`
		Group  string `json:"group"`
	} `json:"tubes"`
}

type Store struct{ db *bbolt.DB }

func openStore(dir string) (*Store, error) {
	db, err := bbolt.Open(filepath.Join(dir, "samples.db"), 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{tubesBucket, racksBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Bucket(bucket).Put(key, text)
}

func rackKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func (s *Store) NewRack(fridge string, tubes int) (rack Rack, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		id, err := tx.Bucket(racksBucket).NextSequence()
		if err != nil {
			return err
		}
		rack = Rack{ID: id, Fridge: fridge, Tubes: tubes}
		return put(tx, racksBucket, rackKey(id), rack)
	})
	return rack, err
}

func (s *Store) SaveTube(t Tube) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		return put(tx, tubesBucket, []byte(t.Code), t)
	})
}

func (s *Store) get(bucket, key []byte, v any) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		text := tx.Bucket(bucket).Get(key)
		if text == nil {
			return errUnknown
		}
		return json.Unmarshal(text, v)
	})
}

type Bank struct{ store *Store }

// Receive takes a scanned rack in.
func (b *Bank) Receive(scan Scan) (Rack, error) {
	for _, t := range scan.Tubes {
		if t.Column < 1 || t.Column > 12 {
			return Rack{}, fmt.Errorf("%s: %w", t.Code, errBadColumn)
		}
	}
	rack, err := b.store.NewRack(scan.Fridge, len(scan.Tubes))
	if err != nil {
		return rack, err
	}
	now := time.Now().UTC()
	for _, t := range scan.Tubes {
		err := b.store.SaveTube(Tube{Code: t.Code, Rack: rack.ID, Row: t.Row, Column: t.Column, Group: t.Group, Seen: now})
		if err != nil {
			return rack, fmt.Errorf("tube %s: %w", t.Code, err)
		}
	}
	return rack, nil
}

func (b *Bank) receive(c echo.Context) error {
	var scan Scan
	if err := c.Bind(&scan); err != nil {
		return err
	}
	rack, err := b.Receive(scan)
	if errors.Is(err, errBadColumn) {
		return echo.NewHTTPError(http.StatusUnprocessableEntity, err.Error())
	} else if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, rack)
}

func (b *Bank) tube(c echo.Context) error {
	var t Tube
	if err := b.store.get(tubesBucket, []byte(c.Param("code")), &t); errors.Is(err, errUnknown) {
		return echo.ErrNotFound
	} else if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, t)
}

func main() {
	dir := filepath.Join(".", "data")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		log.Fatal(err)
	}
	store, err := openStore(dir)
	if err != nil {
		log.Fatal(err)
	}
	b := &Bank{store: store}
	e := echo.New()
	e.HideBanner = true
	e.Use(middleware.Recover(), middleware.BodyLimit("1M"))
	e.GET("/health", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.POST("/racks", b.receive)
	e.GET("/tubes/:code", b.tube)
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
