// Plant lists: what a nursery grows, as lists for the shop, the sales van and the label printer.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

type listPage struct {
	Page   int      `json:"page"`
	Pages  int      `json:"pages"`
	Total  int      `json:"total"`
	Plants []Plant  `json:"plants"`
	Index  []string `json:"index"`
}

type web struct{ nursery *Nursery }

func (s *web) list(c *fiber.Ctx) error {
	want := Filter{
		Kind:    c.Query("kind"),
		MaxCent: c.QueryInt("max_cent", 0),
		Hardy:   c.QueryInt("hardy", 0),
	}
	size := min(max(c.QueryInt("size", 40), 1), 100)
	page := max(c.QueryInt("page", 1), 1)
	found := s.nursery.Select(want)
	if c.Query("order") == "price" {
		sortByPrice(found)
	} else {
		sortByName(found)
	}
	pages := (len(found) + size - 1) / size
	from := min((page-1)*size, len(found))
	to := min(from+size, len(found))
	return c.JSON(listPage{Page: page, Pages: pages, Total: len(found), Plants: found[from:to], Index: initials(found)})
}

func (s *web) plant(c *fiber.Ctx) error {
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "a number is needed")
	}
	p, ok := s.nursery.Plant(number)
	if !ok {
		return fiber.ErrNotFound
	}
	return c.JSON(p)
}

func (s *web) label(c *fiber.Ctx) error {
	number, _ := strconv.Atoi(c.Params("number"))
	p, ok := s.nursery.Plant(number)
	if !ok {
		return fiber.ErrNotFound
	}
	return c.SendString(fmt.Sprintf("%s\n%s, zone %d\n%d.%02d\n", p.Name, p.Kind, p.Zone, p.Cent/100, p.Cent%100))
}

func onError(c *fiber.Ctx, err error) error {
	status := fiber.StatusInternalServerError
	var known *fiber.Error
	if errors.As(err, &known) {
		status = known.Code
	}
	return c.Status(status).JSON(fiber.Map{"error": err.Error()})
}

func main() {
	s := &web{nursery: Open(2600)}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: onError})
	app.Use(recover.New())
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Get("/plants", s.list)
	app.Get("/plants/:number", s.plant)
	app.Get("/plants/:number/label", s.label)
	log.Fatal(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}
