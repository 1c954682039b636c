"""Pictures of a document's pages."""

from starlette.responses import Response

from studybuddy.api.operations import Call, Operation


def show(call: Call) -> Response:
    found = call.wiring.page_images.get(call.id("file_id"), call.id("page"))
    headers = {
        "Content-Type": "image/webp",
        "X-Study-Buddy-Pages": str(found.pages),
        "Cache-Control": "private, max-age=86400",
        "Content-Security-Policy": "sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(found.path.read_bytes(), headers=headers)


OPERATIONS = (
    Operation(
        "GET", "/api/v1/files/{file_id}/pages/{page}/image", show,
        "Give a picture of a PDF's page; X-Study-Buddy-Pages tells how many it has", {200: None},
    ),
)  # fmt: skip
