"""`python bench/bare_pages.py PORT SIZE`: Starlette and a page of that size for whatever is asked, nothing else."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route


def main() -> None:
    port, size = map(int, sys.argv[1:])
    page = "x" * size

    async def answer(request: Request) -> HTMLResponse:
        await request.body()
        return HTMLResponse(page)

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    uvicorn.run(app, port=port, http="h11", loop="asyncio", log_config=None, access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
