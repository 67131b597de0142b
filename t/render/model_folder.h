/*
 * For tests: takes away a folder that convert_model wrote.
 */
#ifndef GEMPIX_T_RENDER_MODEL_FOLDER_H
#define GEMPIX_T_RENDER_MODEL_FOLDER_H

#include <stdio.h>

static void
remove_model(const char *path)
{
    static const char *const NAMES[] = {"unet/config.json",
                                        "unet/diffusion_pytorch_model.safetensors",
                                        "unet",
                                        "vae/config.json",
                                        "vae/diffusion_pytorch_model.safetensors",
                                        "vae",
                                        "text_encoder/config.json",
                                        "text_encoder/model.safetensors",
                                        "text_encoder",
                                        "scheduler/scheduler_config.json",
                                        "scheduler",
                                        "tokenizer/vocab.json",
                                        "tokenizer/merges.txt",
                                        "tokenizer/tokenizer_config.json",
                                        "tokenizer/special_tokens_map.json",
                                        "tokenizer",
                                        "text_encoder_2/config.json",
                                        "text_encoder_2/model.safetensors",
                                        "text_encoder_2",
                                        "tokenizer_2/vocab.json",
                                        "tokenizer_2/merges.txt",
                                        "tokenizer_2/tokenizer_config.json",
                                        "tokenizer_2/special_tokens_map.json",
                                        "tokenizer_2",
                                        "model_index.json",
                                        ""};
    char name[200];

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", path, NAMES[i]);
        (void)remove(name);
    }
}

#endif
