SELECT site, source, last FROM sources
