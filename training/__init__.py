"""Training the encoder: pairs of product and attribute in, a folder that the next build serves from out."""
