//simlint:allow unseen the tests run both and compare
package unseen
