// Package secret fills in the secrets that definitions only refer to.
//
// A reference is ${NAME}, NAME being a capital letter and then capitals,
// digits and underscores. $$ stands for one dollar sign; a dollar sign before
// anything else stands for itself. A ${ that does not begin such a reference
// is an error: write $${ to mean it literally.
//
// In the namespace shop, ${TOKEN} is the environment variable
// MONITOR_SECRET_SHOP_TOKEN, or else the file shop/TOKEN in the secrets
// folder, and nothing else. The namespace is written in capitals, with an
// underscore for each hyphen and dot; namespaces that differ in those only
// share their variables, but never their files. An empty secret is a missing
// one. One line end at the end of a file is left out.
package secret
