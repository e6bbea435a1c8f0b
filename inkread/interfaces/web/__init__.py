"""The shipped networks as a page that reads in the browser alone: graphs with the framing inside, and a static site."""
