"""What an author does before the first SMS: checking, previewing with prices, rehearsing, testing.

    check.py       everything that is wrong in a folder, at once       check(config, files) -> Report
    preview.py     each message as each medium shows it                preview(survey, texts, channels, prices)
    costs.py       what a walk sends, lasts and costs                  interviews(...), over_limits(...)
    prices.py      config/prices.yaml                                  read_prices(config)
    dialogues.py   <name>.test.yaml                                    read_dialogues(source, file), played(...)
    player.py      people with phones, over the whole way in           Player

Functions in, frozen dataclasses out: the command line and the pages show the same. No database of the gateway's.
"""
