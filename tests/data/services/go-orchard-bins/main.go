// Fruit harvest: bins scanned in the rows, weighed and traced to the pickers.
package main

import (
	"errors"
	"log"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

type Bin struct {
	Tag     string  `json:"tag"`
	Picker  string  `json:"picker"`
	Row     int     `json:"row"`
	Variety string  `json:"variety"`
	Kg      float64 `json:"kg"`
}

type Trailer struct {
	Block string `json:"block"`
	Bins  []Bin  `json:"bins"`
}

func (t Trailer) check() error {
	if t.Block == "" || strings.ContainsAny(t.Block, "/.") {
		return errors.New("block is needed")
	}
	if len(t.Bins) == 0 || len(t.Bins) > 48 {
		return errors.New("a trailer carries 1 to 48 bins")
	}
	for _, b := range t.Bins {
		if b.Tag == "" || b.Kg <= 0 || b.Kg > 450 {
			return errors.New("bin " + b.Tag + " cannot be right")
		}
	}
	return nil
}

// Tally sums what each picker brought in today.
type Tally struct {
	mu sync.Mutex
	kg map[string]float64
}

func (t *Tally) add(bins []Bin) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range bins {
		t.kg[b.Picker] += b.Kg
	}
}

type standing struct {
	Picker string  `json:"picker"`
	Kg     float64 `json:"kg"`
}

func (t *Tally) board() []standing {
	t.mu.Lock()
	all := make([]standing, 0, len(t.kg))
	for p, kg := range t.kg {
		all = append(all, standing{p, kg})
	}
	t.mu.Unlock()
	sort.Slice(all, func(i, j int) bool { return all[i].Kg > all[j].Kg })
	return all
}

func receive(trace *Trace, tally *Tally) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var load Trailer
		if err := c.BodyParser(&load); err != nil {
			return fiber.NewError(fiber.StatusBadRequest, err.Error())
		}
		if err := load.check(); err != nil {
			return fiber.NewError(fiber.StatusUnprocessableEntity, err.Error())
		}
		book, err := trace.Open(load.Block)
		if err != nil {
			return err
		}
		defer book.Close()
		at := time.Now().UTC()
		total := 0.0
		for i, b := range load.Bins {
			if err := book.Put(entry{At: at, Seq: i, Block: load.Block, Bin: b}); err != nil {
				return err
			}
			total += b.Kg
		}
		tally.add(load.Bins)
		return c.Status(fiber.StatusCreated).JSON(fiber.Map{"load": book.Name(), "bins": len(load.Bins), "kg": total})
	}
}

func main() {
	trace, err := NewTrace("trace")
	if err != nil {
		log.Fatal(err)
	}
	tally := &Tally{kg: map[string]float64{}}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 256 << 10, ReadTimeout: 20 * time.Second})
	app.Use(recover.New())
	app.Get("/alive", func(c *fiber.Ctx) error { return c.SendString("alive") })
	app.Post("/trailers", receive(trace, tally))
	app.Get("/pickers", func(c *fiber.Ctx) error { return c.JSON(tally.board()) })
	app.Get("/loads/:name", func(c *fiber.Ctx) error {
		entries, err := trace.Read(c.Params("name"))
		if errors.Is(err, os.ErrNotExist) {
			return fiber.ErrNotFound
		}
		if err != nil {
			return err
		}
		return c.JSON(entries)
	})
	log.Fatal(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}
