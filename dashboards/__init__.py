"""What people look at: the preview of the landing pages (`site`) and the boards (`dashboard`), static files both."""
