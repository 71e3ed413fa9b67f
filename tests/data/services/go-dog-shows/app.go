// Dog shows: the catalogue of a show, its rings and the dogs that are entered.
package main

import (
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type Show struct {
	ID     int       `json:"id"`
	Name   string    `json:"name"`
	HeldOn time.Time `json:"held_on"`
}

type Dog struct {
	ID     int       `json:"id"`
	Name   string    `json:"name"`
	Breed  string    `json:"breed"`
	BornOn time.Time `json:"born_on"`
	Owner  string    `json:"owner"`
	Titles string    `json:"titles" gorm:"-"`
}

type Award struct {
	ID    int
	DogID int
	Title string
	WonOn time.Time
}

type Entry struct {
	ID     int    `json:"id"`
	ShowID int    `json:"-"`
	DogID  int    `json:"-"`
	Dog    Dog    `json:"dog"`
	Ring   int    `json:"ring"`
	Class  string `json:"class"`
}

// AfterFind puts the titles behind a dog's name, as breeders like to see them.
func (d *Dog) AfterFind(tx *gorm.DB) error {
	var won []Award
	err := tx.Session(&gorm.Session{NewDB: true}).Where("dog_id = ?", d.ID).Order("won_on").Find(&won).Error
	if err != nil {
		return err
	}
	d.Titles = titles(won)
	return nil
}

// titles makes a champion of a dog with three certificates.
func titles(won []Award) string {
	var list []string
	certificates := 0
	seen := map[string]bool{}
	for _, a := range won {
		if a.Title == "CC" {
			certificates++
			continue
		}
		if !seen[a.Title] {
			seen[a.Title] = true
			list = append(list, a.Title)
		}
	}
	if certificates >= 3 {
		list = append([]string{"Ch."}, list...)
	}
	return strings.Join(list, " ")
}

type Shows struct{ db *gorm.DB }

func (s *Shows) find(id int) (*Show, error) {
	var show Show
	if err := s.db.First(&show, id).Error; err != nil {
		return nil, err
	}
	return &show, nil
}

func (s *Shows) entries(show *Show) ([]Entry, error) {
	var entries []Entry
	err := s.db.Preload("Dog").Where("show_id = ?", show.ID).Order("ring, class, id").Find(&entries).Error
	return entries, err
}

type Ring struct {
	Number  int     `json:"ring"`
	Entries []Entry `json:"entries"`
	Minutes int     `json:"minutes"`
}

var minutesFor = map[string]int{"puppy": 2, "junior": 3, "open": 4, "veteran": 3}

func intoRings(entries []Entry) []Ring {
	var rings []Ring
	for _, e := range entries {
		if len(rings) == 0 || rings[len(rings)-1].Number != e.Ring {
			rings = append(rings, Ring{Number: e.Ring})
		}
		last := &rings[len(rings)-1]
		last.Entries = append(last.Entries, e)
		last.Minutes += minutesFor[e.Class]
	}
	return rings
}

func ageAt(d Dog, day time.Time) int {
	return int(day.Sub(d.BornOn).Hours() / 24 / 30.44)
}

// misplaced are the entries whose dog is too old or too young for its class.
func misplaced(show *Show, entries []Entry) []int {
	wrong := []int{}
	for _, e := range entries {
		months := ageAt(e.Dog, show.HeldOn)
		if (e.Class == "puppy" && months > 12) || (e.Class == "veteran" && months < 84) {
			wrong = append(wrong, e.ID)
		}
	}
	return wrong
}

func (s *Shows) Catalogue(c *gin.Context) {
	id, err := strconv.Atoi(c.Param("id"))
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	show, err := s.find(id)
	if err != nil {
		s.fail(c, err)
		return
	}
	entries, err := s.entries(show)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"show": show, "rings": intoRings(entries), "misplaced": misplaced(show, entries)})
}

func (s *Shows) Dog(c *gin.Context) {
	var dog Dog
	if err := s.db.First(&dog, "id = ?", c.Param("id")).Error; err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, dog)
}

func (s *Shows) Season(c *gin.Context) {
	var shows []Show
	if err := s.db.Order("held_on").Limit(30).Find(&shows).Error; err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, shows)
}

func (s *Shows) fail(c *gin.Context, err error) {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	log.Print(err)
	c.AbortWithStatus(http.StatusInternalServerError)
}

func main() {
	db, err := gorm.Open(postgres.Open(os.Getenv("DATABASE_URL")), &gorm.Config{
		Logger: logger.Default.LogMode(logger.Error), SkipDefaultTransaction: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	if pool, err := db.DB(); err == nil {
		pool.SetMaxOpenConns(16)
		pool.SetMaxIdleConns(16)
	}
	gin.SetMode(gin.ReleaseMode)
	shows := &Shows{db: db}
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/shows", shows.Season)
	r.GET("/shows/:id/catalogue", shows.Catalogue)
	r.GET("/dogs/:id", shows.Dog)
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
